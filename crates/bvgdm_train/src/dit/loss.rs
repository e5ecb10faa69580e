//! Streams of a window: the context, nearly clean, and targets, each at its own level.

use burn::tensor::backend::Backend;
use burn::tensor::{Distribution, Tensor, TensorData};
use bvgdm_core::{Level, Prediction, Schedule};
use bvgdm_model::{Dit, DitInput, Sight};
use rand::Rng;

use super::batches::Batch;
use crate::config::DitTrainConfig;

/// Below this level errors count no more: what is left there is the VAE's noise.
const LEAST_SIGMA: f64 = 0.1;
/// Squared errors below this are alike, of latents whose spread is one.
const LEAST_ERROR: f64 = 1e-3;

/// What the loss needs besides weights and windows.
pub struct DitLoss<'a> {
    /// Noise levels.
    pub schedule: &'a Schedule,
    /// Noise of context and targets.
    pub config: &'a DitTrainConfig,
}

impl DitLoss<'_> {
    /// Mean squared error of the clean latents that the targets' predictions stand for; with
    /// [`DitTrainConfig::relative`] the mean of its logarithm, target by target.
    ///
    /// The error of the clean latent, alike at every level, weights the levels as a sampler of few
    /// steps uses them: most of the way is the first step. With [`DitTrainConfig::detail`] lower
    /// levels count more, up to 2, the error of the flow (Lipman et al. 2023).
    pub fn loss<B: Backend>(
        &self,
        dit: &Dit<B>,
        batch: Batch<B>,
        rng: &mut impl Rng,
    ) -> Tensor<B, 1> {
        let real = batch
            .window
            .latents
            .clone()
            .repeat_dim(1, self.config.targets);
        let (clean, sigma) = self.predict(dit, batch, rng);
        mean_error(
            clean - real,
            sigma,
            self.config.relative,
            self.config.detail,
        )
    }

    /// The clean latents `[batch, N T, C, H, W]` that the predictions of all N streams of targets stand for, and
    /// the targets' noise levels `[batch, N T, 1, 1, 1]`.
    fn predict<B: Backend>(
        &self,
        dit: &Dit<B>,
        Batch {
            window, context, ..
        }: Batch<B>,
        rng: &mut impl Rng,
    ) -> (Tensor<B, 5>, Tensor<B, 5>) {
        let device = window.latents.device();
        let [batch, frames, ..] = window.latents.dims();
        // The frame before each: from the context too, but for the first.
        let previous = Tensor::cat(
            vec![
                window.previous.narrow(1, 0, 1),
                context.clone().narrow(1, 0, frames - 1),
            ],
            1,
        );
        let streams = self.config.targets;
        let seen = self.levels(batch * frames, rng, |rng| match rng.random_bool(0.5) {
            true => 0.0,
            false => rng.random_range(0.0..=self.config.context_noise),
        });
        let pure = self.config.pure_noise;
        let target = match self.config.sampler_steps {
            Some(most) => {
                let samplers: Vec<_> = (1..=most).map(|n| self.schedule.levels(n, 1.0)).collect();
                let level = |_| {
                    let steps = rng.random_range(1..=most);
                    samplers[steps - 1][rng.random_range(0..steps)]
                };
                (0..batch * streams * frames).map(level).collect()
            }
            None => self.levels(batch * streams * frames, rng, |rng| {
                match rng.random_bool(pure) {
                    true => 1.0,
                    false => rng.random_range(0.02..1.0),
                }
            }),
        };
        let seen = LevelTensors::<B>::new(&seen, [batch, frames], &device);
        let target = LevelTensors::new(&target, [batch, streams * frames], &device);
        let x = target.add_noise(window.latents.repeat_dim(1, streams));
        let input = DitInput {
            x: Tensor::cat(vec![seen.add_noise(context), x.clone()], 1),
            previous: Some(previous.clone().repeat_dim(1, 1 + streams)),
            timestep: Tensor::cat(vec![seen.timestep, target.timestep.clone()], 1),
            actions: window.actions.repeat_dim(1, 1 + streams),
        };
        let sizes = dit.config();
        let (head, theta) = (sizes.head_dim(), sizes.temporal_rope_theta);
        let sight = Sight::streams(frames, streams, sizes.window, head, theta, &device);
        let prediction = dit.predict(input, &sight, streams * frames);
        let previous = previous.repeat_dim(1, streams);
        let clean = target.clean(prediction, sizes.prediction, x, previous);
        (clean, target.sigma)
    }

    fn levels<R: Rng>(&self, count: usize, rng: &mut R, t: impl Fn(&mut R) -> f64) -> Vec<Level> {
        (0..count).map(|_| self.schedule.level(t(rng))).collect()
    }
}

/// Of the errors `[batch, N T, C, H, W]` of targets at these noise levels, `[batch, N T, 1, 1, 1]`.
fn mean_error<B: Backend>(
    error: Tensor<B, 5>,
    sigma: Tensor<B, 5>,
    relative: bool,
    detail: f64,
) -> Tensor<B, 1> {
    let squared = error.clone() * error;
    let counted = match relative {
        false => squared,
        true => (squared.mean_dim(4).mean_dim(3).mean_dim(2) + LEAST_ERROR).log(),
    };
    match detail {
        0.0 => counted.mean(),
        detail => {
            let weight = sigma.clamp_min(LEAST_SIGMA).powf_scalar(-detail);
            (counted * weight.clone()).mean() / weight.mean()
        }
    }
}

/// A noise level for every frame; [`Level`] for tensors.
struct LevelTensors<B: Backend> {
    /// `[batch, T, 1, 1, 1]`.
    alpha: Tensor<B, 5>,
    /// `[batch, T, 1, 1, 1]`.
    sigma: Tensor<B, 5>,
    /// `[batch, T]`.
    timestep: Tensor<B, 2>,
}

impl<B: Backend> LevelTensors<B> {
    fn new(levels: &[Level], shape: [usize; 2], device: &B::Device) -> Self {
        let [batch, frames] = shape;
        let tensor = |pick: fn(&Level) -> f64| {
            let values: Vec<f32> = levels.iter().map(|level| pick(level) as f32).collect();
            Tensor::<B, 2>::from_data(TensorData::new(values, shape), device)
        };
        let wide = |x: Tensor<B, 2>| x.reshape([batch, frames, 1, 1, 1]);
        Self {
            alpha: wide(tensor(|level| level.alpha)),
            sigma: wide(tensor(|level| level.sigma)),
            timestep: tensor(|level| level.timestep),
        }
    }

    fn add_noise(&self, clean: Tensor<B, 5>) -> Tensor<B, 5> {
        let noise = clean.random_like(Distribution::Normal(0.0, 1.0));
        clean * self.alpha.clone() + noise * self.sigma.clone()
    }

    fn clean(
        &self,
        prediction: Tensor<B, 5>,
        kind: Prediction,
        x: Tensor<B, 5>,
        previous: Tensor<B, 5>,
    ) -> Tensor<B, 5> {
        match kind {
            Prediction::V => x * self.alpha.clone() - prediction * self.sigma.clone(),
            Prediction::Flow => x - prediction * self.sigma.clone(),
            Prediction::Clean => prediction,
            Prediction::Residual => previous + prediction,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::ElementConversion as _;
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    #[test]
    fn a_prediction_stands_for_the_clean_latent_that_play_makes_of_it() {
        let some = |seed: f32| {
            let numbers: Vec<f32> = (0..8).map(|i| (seed + i as f32).sin()).collect();
            Tensor::<Flex, 1>::from_floats(numbers.as_slice(), &FlexDevice).reshape([1, 2, 4, 1, 1])
        };
        let (x, prediction, previous) = (some(1.0), some(2.0), some(3.0));
        let schedule = Schedule::new(&bvgdm_core::preset("arena").unwrap().schedule);
        let levels = [0.9, 0.4].map(|t| schedule.level(t));
        let tensors = LevelTensors::<Flex>::new(&levels, [1, 2], &FlexDevice);
        for kind in [
            Prediction::V,
            Prediction::Flow,
            Prediction::Clean,
            Prediction::Residual,
        ] {
            let clean = tensors.clean(prediction.clone(), kind, x.clone(), previous.clone());
            let expected = levels.iter().enumerate().map(|(t, level)| {
                let at = |tensor: &Tensor<Flex, 5>| tensor.clone().narrow(1, t, 1);
                let [of_x, of_prediction, of_previous] = level.clean(kind);
                at(&x) * of_x + at(&prediction) * of_prediction + at(&previous) * of_previous
            });
            let expected = Tensor::cat(expected.collect(), 1);
            let off = (clean - expected).abs().max().into_scalar().elem::<f64>();
            assert!(off < 1e-6, "{kind:?}: {off}");
        }
    }

    #[test]
    fn relative_errors_count_by_their_logarithm_target_by_target() {
        // Two targets of two numbers each, at levels 0.5 and 0.05 (which counts as 0.1).
        let error = [0.3f32, -0.1, 2.0, 4.0];
        let error = Tensor::<Flex, 1>::from_floats(error, &FlexDevice).reshape([1, 2, 2, 1, 1]);
        let sigma = Tensor::<Flex, 1>::from_floats([0.5f32, 0.05], &FlexDevice);
        let sigma = sigma.reshape([1, 2, 1, 1, 1]);
        let found = |relative, detail| {
            let mean = mean_error(error.clone(), sigma.clone(), relative, detail);
            mean.into_scalar().elem::<f64>()
        };
        let whole = [(0.09 + 0.01) / 2.0, (4.0 + 16.0) / 2.0];
        let logs = whole.map(|mean: f64| (mean + 1e-3).ln());
        let weights = [2.0, 10.0];
        let weighted = |of: [f64; 2]| (of[0] * weights[0] + of[1] * weights[1]) / 12.0;
        for (relative, detail, expected) in [
            (false, 0.0, (whole[0] + whole[1]) / 2.0),
            (false, 1.0, weighted(whole)),
            (true, 0.0, (logs[0] + logs[1]) / 2.0),
            (true, 1.0, weighted(logs)),
        ] {
            let found = found(relative, detail);
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}
