//! Frames one after the other, each from the model's own earlier ones.

mod naive;
mod ring;
mod rollout;

pub use naive::NaiveRollout;
pub use rollout::Rollout;

use bvgdm_core::SamplerConfig;

/// How a roll-out is drawn: the world's defaults, or what the game changed of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaySettings {
    /// Steps, context noise, clipping.
    pub sampler: SamplerConfig,
    /// Same seed, same actions, same engine: the same frames.
    pub seed: u64,
}
