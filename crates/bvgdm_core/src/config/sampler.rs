//! Noise schedules and samplers.

use serde::{Deserialize, Serialize};

use crate::error::{CoreError, Result, check_range};
use crate::schedule::Schedule;

/// How much signal `α` and noise `σ` a latent has at time `t` in [0, 1] (0 clean, 1 noise).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ScheduleConfig {
    /// The sigmoid schedule of Jabri et al. (2022) in 1,000 discrete steps, as Oasis has it.
    Sigmoid {
        /// Where on the sigmoid it starts.
        start: f64,
        /// Where it ends.
        end: f64,
        /// Temperature.
        tau: f64,
    },
    /// The cosine schedule of Nichol and Dhariwal (2021) in 1,000 discrete steps.
    Cosine {
        /// Offset that keeps the first step from vanishing (the paper: 0.008).
        offset: f64,
    },
    /// `α = 1 − t`, `σ = t` (Liu et al. 2022).
    RectifiedFlow,
}

/// How one step goes from a noise level to a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SamplerKind {
    /// Deterministic DDIM (Song et al. 2021, η = 0), for every schedule.
    Ddim,
    /// Euler's method on the flow's velocity, for rectified flow.
    Euler,
}

/// How a frame is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplerConfig {
    /// The step rule.
    pub kind: SamplerKind,
    /// Denoising passes a frame, 1 to 50.
    pub steps: usize,
    /// How much noise is left between the passes, of what each level has (`S_noise` of Karras et al. 2022,
    /// §4): what a pass does not remove, it takes for detail. 1 draws what is likely; above it, frames are
    /// sharper and further from what came.
    #[serde(default = "one")]
    pub noise_scale: f64,
    /// Noise level in [0, 1] that the network is told its context has.
    pub context_level: f64,
    /// Whether the context really gets noise of that level (else it is told so and stays clean).
    pub context_noise: bool,
    /// Initial noise is clamped to ± this.
    pub noise_clip: f64,
}

fn one() -> f64 {
    1.0
}

impl ScheduleConfig {
    pub(crate) fn validate(&self) -> Result<()> {
        match *self {
            Self::Sigmoid { start, end, tau } => {
                check_range("schedule.start", start, -50.0, 50.0)?;
                check_range("schedule.end", end, -50.0, 50.0)?;
                check_range("schedule.tau", tau, 1e-3, 1e3)?;
                if start >= end {
                    let expected = format!("below the end {end}");
                    return Err(CoreError::invalid("schedule.start", expected, start));
                }
            }
            Self::Cosine { offset } => check_range("schedule.offset", offset, 0.0, 1.0)?,
            Self::RectifiedFlow => {}
        }
        self.check_table()
    }

    /// Each parameter may be in its range and the table wrong all the same: a sigmoid that has come to its end
    /// before the last step leaves nothing to divide by.
    fn check_table(&self) -> Result<()> {
        let schedule = Schedule::new(self);
        let mut shares = schedule.alphas_cumprod().iter().enumerate();
        match shares.find(|(_, share)| !(share.is_finite() && **share > 0.0)) {
            Some((step, share)) => Err(CoreError::invalid(
                "schedule",
                "a share of signal above 0 in every step",
                format!("{share} in step {step}"),
            )),
            None => Ok(()),
        }
    }
}

impl SamplerConfig {
    /// Checks every range, and that the step rule suits the schedule.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self, schedule: &ScheduleConfig) -> Result<()> {
        check_range("sampler.steps", self.steps, 1, 50)?;
        check_range("sampler.noise_scale", self.noise_scale, 0.5, 2.0)?;
        check_range("sampler.context_level", self.context_level, 0.0, 0.99)?;
        check_range("sampler.noise_clip", self.noise_clip, 0.1, 1e6)?;
        if self.kind == SamplerKind::Euler && *schedule != ScheduleConfig::RectifiedFlow {
            return Err(CoreError::invalid(
                "sampler.kind",
                "Ddim for a schedule that is not RectifiedFlow",
                "Euler",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sigmoid(start: f64, end: f64, tau: f64) -> ScheduleConfig {
        ScheduleConfig::Sigmoid { start, end, tau }
    }

    #[test]
    fn a_schedule_without_signal_in_some_step_is_refused_though_its_parameters_are_in_range() {
        for wrong in [
            sigmoid(-3.0, 3.0, 0.08),
            sigmoid(-3.0, 50.0, 1.0),
            sigmoid(40.0, 50.0, 1.0),
        ] {
            let error = wrong.validate().unwrap_err().to_string();
            let expected = "schedule: expected a share of signal above 0 in every step, found NaN";
            assert!(error.starts_with(expected), "{wrong:?}: {error}");
        }
        for right in [
            sigmoid(-3.0, 3.0, 1.0),
            sigmoid(-3.0, 3.0, 0.2),
            ScheduleConfig::Cosine { offset: 0.0 },
            ScheduleConfig::Cosine { offset: 1.0 },
            ScheduleConfig::RectifiedFlow,
        ] {
            right.validate().unwrap();
        }
    }
}
