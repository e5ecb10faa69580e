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
    /// Share of noise that a sampler leaves there: `sigma`, or more.
    pub left: f64,
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
            return Level::new(1.0 - t, t, t * STEPS as f64);
        }
        let steps = (t * STEPS as f64 + 1e-9) as usize;
        match steps
            .checked_sub(1)
            .and_then(|i| self.alphas_cumprod.get(i))
        {
            Some(&alpha) => Level::new(
                f64::from(alpha).sqrt(),
                (1.0 - f64::from(alpha)).sqrt(),
                (steps - 1) as f64,
            ),
            None => Level::new(1.0, 0.0, 0.0),
        }
    }

    /// The levels of a sampler of `steps` passes, from noise down to clean: `steps + 1` of them. Between
    /// the passes `noise_scale` times their noise is left
    /// ([`SamplerConfig::noise_scale`](crate::SamplerConfig::noise_scale)).
    pub fn levels(&self, steps: usize, noise_scale: f64) -> Vec<Level> {
        let even = (0..=steps)
            .rev()
            .map(|k| self.level(k as f64 / steps.max(1) as f64));
        let mut levels: Vec<_> = even.collect();
        // The first is what the noise is, whatever is left later.
        for level in levels.iter_mut().skip(1) {
            level.left *= noise_scale;
        }
        levels
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
    fn new(alpha: f64, sigma: f64, timestep: f64) -> Self {
        Self {
            alpha,
            sigma,
            left: sigma,
            timestep,
        }
    }

    /// The clean latent that a prediction at this level stands for, as weights of
    /// `[x, prediction, previous]`, where `previous` is the clean latent of the frame before.
    pub fn clean(&self, kind: Prediction) -> [f64; 3] {
        match kind {
            // x = α x₀ + σ ε and v = α ε − σ x₀, so α x − σ v = (α² + σ²) x₀.
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
        // α' x₀ + σ' ε with ε = (x − α x₀) / σ, each σ as it is left.
        let noise = next.left / self.left;
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
        let timesteps: Vec<_> = schedule
            .levels(10, 1.0)
            .iter()
            .map(|l| l.timestep)
            .collect();
        assert_eq!(timesteps[..3], [999.0, 899.0, 799.0]);
        assert_eq!(
            schedule.levels(3, 1.0)[1].timestep,
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

    #[test]
    fn the_clean_latent_comes_back_from_a_velocity_that_is_made_of_it() {
        let sigmoid = ScheduleConfig::Sigmoid {
            start: -3.0,
            end: 3.0,
            tau: 1.0,
        };
        let cosine = ScheduleConfig::Cosine { offset: 0.008 };
        let flow = ScheduleConfig::RectifiedFlow;
        let (clean, noise) = (0.7, -1.3);
        for (config, kind) in [
            (sigmoid, Prediction::V),
            (cosine, Prediction::V),
            (flow, Prediction::Flow),
        ] {
            for level in Schedule::new(&config).levels(7, 1.0) {
                let x = level.alpha * clean + level.sigma * noise;
                let velocity = match kind {
                    Prediction::V => level.alpha * noise - level.sigma * clean,
                    _ => noise - clean,
                };
                let [of_x, of_velocity, of_previous] = level.clean(kind);
                let found = of_x * x + of_velocity * velocity;
                assert!(
                    (found - clean).abs() < 1e-12,
                    "{config:?} {level:?}: {found}"
                );
                assert_eq!(of_previous, 0.0);
            }
        }
    }

    #[test]
    fn more_noise_is_left_between_the_first_level_and_clean() {
        let schedule = Schedule::new(&ScheduleConfig::RectifiedFlow);
        let levels = schedule.levels(3, 1.5);
        let [first, second, third, clean] = levels.as_slice() else {
            panic!("{levels:?}")
        };
        // A clean latent of 2 and noise of 1, whatever the passes before have left.
        let at = |level: &Level| level.alpha * 2.0 + level.left;
        for (level, next) in [(first, second), (second, third), (third, clean)] {
            let [of_x, of_clean] = level.step(next);
            let found = of_x * at(level) + of_clean * 2.0;
            assert!((found - at(next)).abs() < 1e-12, "{found}");
        }
        assert_eq!(first.left, 1.0);
        assert!((second.left - 1.0).abs() < 1e-12 && (third.left - 0.5).abs() < 1e-12);
        assert_eq!(at(clean), 2.0);
    }
}
