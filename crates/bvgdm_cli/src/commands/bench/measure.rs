//! What is measured, and how a world is held meanwhile.

use std::time::Duration;

use anyhow::Result;
use bvgdm_core::{ActionSchema, ActionScript};

/// Frames before the clock runs: the window fills, the engine warms up.
pub const WARM_UP: usize = 20;
/// What is held; names that a world does not have are left out.
const ACTIONS: [&str; 3] = ["W*30", "Right*10", "A*15"];

/// Times of many frames, in milliseconds.
#[derive(Debug, Default)]
pub struct Times(Vec<f64>);

/// What one engine took.
#[derive(Debug, Default)]
pub struct Measured {
    pub load: Duration,
    /// Resident memory of the process after playing.
    pub memory: Option<u64>,
    pub denoise: Times,
    pub decode: Times,
    /// The processor's time to encode a frame for a GPU.
    pub encode: Times,
    pub total: Times,
    pub pipelines: Option<usize>,
}

impl Times {
    pub fn push(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e3);
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub fn p95(&self) -> f64 {
        self.quantile(0.95)
    }

    /// The value below which this share lies; not a number if nothing was measured.
    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }
}

/// What is held in frame `t`, normalised.
pub fn script(schema: &ActionSchema) -> Result<impl Fn(usize) -> Vec<f32> + use<'_>> {
    let words = ACTIONS
        .iter()
        .filter(|word| ActionScript::parse(word, schema).is_ok());
    let words: Vec<_> = words.copied().collect();
    let script = ActionScript::parse(&words.join(" "), schema)?;
    Ok(move |t| schema.normalize(&script.at(t, schema)))
}
