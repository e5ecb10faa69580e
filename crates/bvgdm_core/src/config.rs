//! Sizes and choices of a world model: everything that differs between our arena world, the DiT
//! paper's models and Oasis is in these structs, not in code.

mod dit;
mod memory;
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
    /// Checks every size and range, that prediction and schedule suit each other, and that VAE and DiT agree on
    /// the latent.
    ///
    /// # Errors
    /// Names the first field that is wrong, what it may be and what it is.
    pub fn validate(&self) -> Result<()> {
        self.vae.validate()?;
        self.dit.validate()?;
        self.schedule.validate()?;
        self.sampler.validate(&self.schedule)?;
        self.check_prediction()?;
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

    /// A velocity stands for a clean latent only where the schedule is the one that it is the velocity of.
    fn check_prediction(&self) -> Result<()> {
        let of_flow = self.schedule == ScheduleConfig::RectifiedFlow;
        let expected = match (self.dit.prediction, of_flow) {
            (Prediction::V, true) => "Flow, Clean or Residual for RectifiedFlow",
            (Prediction::Flow, false) => "V, Clean or Residual for another than RectifiedFlow",
            _ => return Ok(()),
        };
        let found = format!("{:?}", self.dit.prediction);
        Err(CoreError::invalid("dit.prediction", expected, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Schedule;

    #[test]
    fn a_velocity_is_taken_with_those_schedules_alone_from_which_the_clean_latent_comes_back() {
        let sigmoid = ScheduleConfig::Sigmoid {
            start: -3.0,
            end: 3.0,
            tau: 1.0,
        };
        let cosine = ScheduleConfig::Cosine { offset: 0.008 };
        let mut config = crate::preset("arena").unwrap();
        config.sampler.kind = SamplerKind::Ddim;
        let (clean, noise) = (0.7, -1.3);
        for schedule in [sigmoid, cosine, ScheduleConfig::RectifiedFlow] {
            config.schedule = schedule;
            let level = Schedule::new(&schedule).level(0.6);
            let x = level.alpha * clean + level.sigma * noise;
            for (prediction, velocity) in [
                (Prediction::V, level.alpha * noise - level.sigma * clean),
                (Prediction::Flow, noise - clean),
            ] {
                config.dit.prediction = prediction;
                let [of_x, of_velocity, _] = level.clean(prediction);
                let found = of_x * x + of_velocity * velocity;
                let comes_back = (found - clean).abs() < 1e-9;
                match config.validate() {
                    Ok(()) => assert!(comes_back, "{schedule:?} {prediction:?}: {found}"),
                    Err(error) => {
                        assert!(!comes_back, "{schedule:?} {prediction:?}: {error}");
                        assert!(error.to_string().contains("dit.prediction"), "{error}");
                    }
                }
            }
            for prediction in [Prediction::Clean, Prediction::Residual] {
                config.dit.prediction = prediction;
                config.validate().unwrap();
            }
        }
    }
}
