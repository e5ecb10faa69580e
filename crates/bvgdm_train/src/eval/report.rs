//! What was found.

use bvgdm_core::Frame;
use serde::{Serialize, Serializer};

/// Metrics by name, in the order of their measuring. Serialises as one flat object.
///
/// | name | unit |
/// |---|---|
/// | `vae_psnr`, `vae_ssim`, `vae_sharpness` | dB, 1, share of the real gradient energy |
/// | `next_frame_psnr`, `next_frame_ssim`; `repeat_psnr`, `repeat_ssim` | dB, 1 |
/// | `rollout_psnr_N`, `repeat_psnr_N` | dB at frame N |
/// | `action_fidelity`, `action_fidelity_real`, `action_fidelity_ratio`, `action_NAME`, `action_NAME_real` | balanced accuracy, 0 to 1 |
/// | `sharpness_N` | share of the real gradient energy, mean over the frames up to N |
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EvalReport {
    values: Vec<(String, f64)>,
}

/// A report, and frames to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The metrics.
    pub report: EvalReport,
    /// Real frames and those of the roll-out at the same moments, for some clips.
    pub strips: Vec<[Vec<Frame>; 2]>,
}

impl EvalReport {
    /// A metric's value.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| *value)
    }

    /// All metrics, in the order of their measuring.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
    }

    pub(super) fn push(&mut self, name: impl Into<String>, value: f64) {
        self.values.push((name.into(), value));
    }
}

impl Serialize for EvalReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The mean, NaN of nothing.
pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values
        .into_iter()
        .fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    sum / f64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_flat_and_in_order() {
        let mut report = EvalReport::default();
        report.push("vae_psnr", 32.5);
        report.push("next_frame_psnr", 30.25);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(json, r#"{"vae_psnr":32.5,"next_frame_psnr":30.25}"#);
        assert_eq!(report.get("next_frame_psnr"), Some(30.25));
    }
}
