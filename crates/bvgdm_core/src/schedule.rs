//! Noise levels: how much of a latent is signal and how much is noise.

use crate::config::{Prediction, ScheduleConfig};

/// Training steps of the discrete schedules.
const STEPS: usize = 1000;

/// One noise level: `x = α x₀ + σ ε`, and the number that the network is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Share of signal.
    pub alpha: f64,
    /// Share of noise.
    pub sigma: f64,
    /// Timestep in [0, 1000] for the network's embedding.
    pub timestep: f64,
}

/// A noise schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// `ᾱ` of each discrete step; empty for rectified flow.
    alphas_cumprod: Vec<f32>,
}

impl Schedule {
    /// Computes the schedule's table.
    pub fn new(config: &ScheduleConfig) -> Self {
        let alphas_cumprod = match *config {
            ScheduleConfig::RectifiedFlow => Vec::new(),
            ScheduleConfig::Sigmoid { start, end, tau } => {
                let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
                let (low, high) = (sigmoid(start / tau), sigmoid(end / tau));
                cumulative(|s| (high - sigmoid((start + (end - start) * s) / tau)) / (high - low))
            }
            ScheduleConfig::Cosine { offset } => cumulative(|s| {
                let angle = (s + offset) / (1.0 + offset) * std::f64::consts::FRAC_PI_2;
                angle.cos().powi(2)
            }),
        };
        Self { alphas_cumprod }
    }

    /// `ᾱ` of the discrete steps; empty for rectified flow.
    pub fn alphas_cumprod(&self) -> &[f32] {
        &self.alphas_cumprod
    }

    /// The level at `t` in [0, 1]: 0 is clean, 1 is (almost) noise. Discrete schedules take the
    /// step `floor(1000 t) − 1`.
    pub fn level(&self, t: f64) -> Level {
        let t = t.clamp(0.0, 1.0);
        if self.alphas_cumprod.is_empty() {
            return Level {
                alpha: 1.0 - t,
                sigma: t,
                timestep: t * STEPS as f64,
            };
        }
        let steps = (t * STEPS as f64 + 1e-9) as usize;
        match steps
            .checked_sub(1)
            .and_then(|i| self.alphas_cumprod.get(i))
        {
            Some(&alpha) => Level {
                alpha: f64::from(alpha).sqrt(),
                sigma: (1.0 - f64::from(alpha)).sqrt(),
                timestep: (steps - 1) as f64,
            },
            None => Level {
                alpha: 1.0,
                sigma: 0.0,
                timestep: 0.0,
            },
        }
    }

    /// The levels of a sampler of `steps` passes, from noise down to clean: `steps + 1` of them.
    pub fn levels(&self, steps: usize) -> Vec<Level> {
        (0..=steps)
            .rev()
            .map(|k| self.level(k as f64 / steps.max(1) as f64))
            .collect()
    }
}

/// `ᾱ` from a continuous `ᾱ(s)` through betas of at most 0.999, as the papers' code does it.
fn cumulative(alpha_bar: impl Fn(f64) -> f64) -> Vec<f32> {
    let at = |i: usize| alpha_bar(i as f64 / STEPS as f64) / alpha_bar(0.0);
    let mut product = 1.0f32;
    (0..STEPS)
        .map(|i| {
            let beta = (1.0 - at(i + 1) / at(i)).clamp(0.0, 0.999);
            product *= 1.0 - beta as f32;
            product
        })
        .collect()
}

impl Level {
    /// The clean latent that a prediction at this level stands for, as weights of
    /// `[x, prediction, previous]`, where `previous` is the clean latent of the frame before.
    pub fn clean(&self, kind: Prediction) -> [f64; 3] {
        match kind {
            Prediction::V => [self.alpha, -self.sigma, 0.0],
            // x = (1 − t) x₀ + t ε and v = ε − x₀, so x₀ = x − t v.
            Prediction::Flow => [1.0, -self.sigma, 0.0],
            Prediction::Clean => [0.0, 1.0, 0.0],
            Prediction::Residual => [0.0, 1.0, 1.0],
        }
    }

    /// One deterministic step to the level `next` (DDIM, η = 0; for rectified flow the same as
    /// Euler's step), as weights of `[x, x₀]`.
    pub fn step(&self, next: &Level) -> [f64; 2] {
        if next.sigma == 0.0 {
            return [0.0, 1.0];
        }
        // α' x₀ + σ' ε with ε = (x − α x₀) / σ.
        let noise = next.sigma / self.sigma;
        [noise, next.alpha - noise * self.alpha]
    }

    /// [`clean`](Self::clean) and [`step`](Self::step) in one: the next latent as weights of
    /// `[x, prediction, previous]`.
    pub fn update(&self, kind: Prediction, next: &Level) -> [f64; 3] {
        let [from_x, from_clean] = self.step(next);
        let clean = self.clean(kind).map(|weight| weight * from_clean);
        [clean[0] + from_x, clean[1], clean[2]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sigmoid_schedule_has_the_published_values() {
        let config = ScheduleConfig::Sigmoid {
            start: -3.0,
            end: 3.0,
            tau: 1.0,
        };
        let schedule = Schedule::new(&config);
        for (i, expected) in [
            (0, 0.999_699_7),
            (14, 0.995_320_6),
            (499, 0.5),
            (899, 0.039_492_78),
        ] {
            let found = schedule.alphas_cumprod()[i];
            assert!(
                (found - expected).abs() < 2e-5,
                "{i}: {found} is not {expected}"
            );
        }
        let timesteps: Vec<_> = schedule.levels(10).iter().map(|l| l.timestep).collect();
        assert_eq!(timesteps[..3], [999.0, 899.0, 799.0]);
        assert_eq!(
            schedule.levels(3)[1].timestep,
            665.0,
            "truncated as the original does"
        );
        assert_eq!(schedule.level(0.0).sigma, 0.0);
    }

    #[test]
    fn the_cosine_schedule_is_half_noise_in_the_middle() {
        let schedule = Schedule::new(&ScheduleConfig::Cosine { offset: 0.008 });
        let middle = schedule.alphas_cumprod()[499];
        assert!((middle - 0.4938).abs() < 1e-3, "{middle}");
        assert!(schedule.alphas_cumprod().windows(2).all(|w| w[1] < w[0]));
    }
}
