//! How frames are drawn, as options.

use bvgdm_core::{Result, SamplerConfig, WorldConfig};

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
    /// As many passes a frame, or as the world has it.
    pub fn of_steps(steps: Option<usize>) -> Self {
        Self {
            steps,
            noise_scale: None,
        }
    }

    /// A world's sampler with what these options change of it.
    ///
    /// # Errors
    /// Names what is out of range.
    pub fn checked(self, config: &WorldConfig) -> Result<SamplerConfig> {
        let sampler = self.of(config.sampler);
        sampler.validate(&config.schedule)?;
        Ok(sampler)
    }

    /// `sampler` with what these options change of it, unchecked.
    pub fn of(self, sampler: SamplerConfig) -> SamplerConfig {
        SamplerConfig {
            steps: self.steps.unwrap_or(sampler.steps),
            noise_scale: self.noise_scale.unwrap_or(sampler.noise_scale),
            ..sampler
        }
    }
}
