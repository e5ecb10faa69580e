//! The settings of an evaluation; a field's text is its help on the command line.

use clap::Args;
use serde::{Deserialize, Serialize};

/// How much is measured, and from which seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default)]
pub struct EvalConfig {
    /// Held-out clips
    #[arg(long, default_value_t = 32)]
    pub clips: usize,
    /// Recorded frames before the first generated one, 0 for the model's window
    #[arg(long, default_value_t = 0)]
    pub context: usize,
    /// Frames of a roll-out at which it is compared, ascending
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4, 16, 32, 64])]
    pub horizons: Vec<usize>,
    /// Teacher-forced frames of each clip
    #[arg(long, default_value_t = 8)]
    pub next_frames: usize,
    /// Length of the roll-out whose sharpness is measured, 0 for none
    #[arg(long, default_value_t = 1000)]
    pub sharpness_frames: usize,
    /// How many such roll-outs
    #[arg(long, default_value_t = 4)]
    pub sharpness_starts: usize,
    /// Training steps of the inverse-dynamics network, 0 to leave action fidelity out
    #[arg(long, default_value_t = 2500)]
    pub idm_steps: usize,
    /// Recorded moments that it is trained on
    #[arg(long, default_value_t = 24_000)]
    pub idm_samples: usize,
    /// Seed of clips, noise and the inverse-dynamics network
    #[arg(long = "eval-seed", default_value_t = 7)]
    pub seed: u64,
}

impl Default for EvalConfig {
    fn default() -> Self {
        Self {
            clips: 32,
            context: 0,
            horizons: vec![1, 4, 16, 32, 64],
            next_frames: 8,
            sharpness_frames: 1000,
            sharpness_starts: 4,
            idm_steps: 2500,
            idm_samples: 24_000,
            seed: 7,
        }
    }
}

impl EvalConfig {
    /// Recorded frames before the first generated one.
    pub fn context_frames(&self, window: usize) -> usize {
        if self.context == 0 {
            window.max(1)
        } else {
            self.context
        }
    }

    /// Length of a roll-out.
    pub fn rollout_frames(&self) -> usize {
        self.horizons.iter().copied().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_s_defaults_are_the_struct_s() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            config: EvalConfig,
        }
        let line = <Line as clap::Parser>::parse_from(["eval"]);
        assert_eq!(line.config, EvalConfig::default());
    }
}
