//! How frames are drawn, as options.

use bvgdm_core::SamplerConfig;

/// What is given changes the world's own sampler.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Sampling {
    /// Denoising passes a frame [default: the world's]
    #[arg(long)]
    pub steps: Option<usize>,
    /// How freely details are invented, 0.5 to 2 [default: the world's]
    #[arg(long)]
    pub noise_scale: Option<f64>,
}

impl Sampling {
    /// `sampler` with what these options change of it, unchecked.
    pub fn of(self, sampler: SamplerConfig) -> SamplerConfig {
        SamplerConfig {
            steps: self.steps.unwrap_or(sampler.steps),
            noise_scale: self.noise_scale.unwrap_or(sampler.noise_scale),
            ..sampler
        }
    }
}
