//! Sizes and choices of a world model: everything that differs between our arena world, the DiT
//! paper's models and Oasis is in these structs, not in code.

mod dit;
mod sampler;
mod vae;

pub use dit::{DitConfig, Prediction, SlidingWindow};
pub use sampler::{SamplerConfig, SamplerKind, ScheduleConfig};
pub use vae::{KlConfig, TinyConfig, TransformerConfig, VaeConfig, VaeNetwork, VitConfig};

use serde::{Deserialize, Serialize};

use crate::error::{CoreError, Result};

/// Which form of the GELU an MLP uses (Hendrycks and Gimpel 2016).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gelu {
    /// `x Φ(x)` with the error function.
    Erf,
    /// The tanh approximation.
    Tanh,
}

/// A whole world model: VAE, DiT, noise schedule and sampler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldConfig {
    /// Pictures to latents and back.
    pub vae: VaeConfig,
    /// Latents and actions to the next latent.
    pub dit: DitConfig,
    /// How noise grows with time.
    pub schedule: ScheduleConfig,
    /// How a frame is drawn from noise by default.
    pub sampler: SamplerConfig,
}

impl WorldConfig {
    /// Checks every size and range, and that VAE and DiT agree on the latent.
    ///
    /// # Errors
    /// Names the first field that is wrong, what it may be and what it is.
    pub fn validate(&self) -> Result<()> {
        self.vae.validate()?;
        self.dit.validate()?;
        self.schedule.validate()?;
        self.sampler.validate(&self.schedule)?;
        let latent = self.vae.latent_shape();
        let dit = [self.dit.channels, self.dit.height, self.dit.width];
        if latent != dit {
            return Err(CoreError::invalid(
                "dit.(channels, height, width)",
                format!("the VAE's latent {latent:?}"),
                format!("{dit:?}"),
            ));
        }
        Ok(())
    }
}
