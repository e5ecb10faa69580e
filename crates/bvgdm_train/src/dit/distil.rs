//! Fewer passes a frame: a network of few learns what a world draws in many.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{SamplerConfig, Schedule};
use bvgdm_model::{Dit, DitInput, Sight, TensorLevel as _};

use super::batches::Batch;

/// What the teacher drew in the windows of a batch, `F` frames long, from the second frame on.
#[derive(Clone)]
pub struct Lesson<B: Backend> {
    /// The noise that it began with, `[batch, F − 1, C, H, W]`.
    pub noise: Tensor<B, 5>,
    /// The clean latents that it came to, same shape.
    pub drawn: Tensor<B, 5>,
}

impl<B: Backend> Lesson<B> {
    /// `count` of these windows.
    pub fn narrow(&self, from: usize, count: usize) -> Self {
        let narrow = |x: &Tensor<B, 5>| x.clone().narrow(0, from, count);
        Self {
            noise: narrow(&self.noise),
            drawn: narrow(&self.drawn),
        }
    }
}

/// Mean squared distance of what the pupil draws from what the teacher drew, of the same contexts, actions
/// and noise. Without chance there is one right answer, so it is not the mean of several that is learned: what
/// the teacher draws sharp stays sharp (progressive distillation, Salimans and Ho 2022; here of the whole
/// sampler at once, the gradient going back through all of its passes).
///
/// The context's keys and values are computed once, as in play.
pub fn distil<B: Backend>(
    dit: &Dit<B>,
    Batch {
        window, context, ..
    }: Batch<B>,
    lesson: Lesson<B>,
    schedule: &Schedule,
    sampler: &SamplerConfig,
) -> Tensor<B, 1> {
    let device = context.device();
    let sizes = dit.config();
    let (head, theta, near) = (sizes.head_dim(), sizes.temporal_rope_theta, sizes.window);
    let [batch, frames, ..] = context.dims();
    let count = frames - 1;
    let timestep = |timestep: f64| Tensor::<B, 2>::full([batch, count], timestep, &device);

    let before = context.clone().narrow(1, 0, count);
    // A roll-out begins with a frame that was like this before.
    let first = context.clone().narrow(1, 0, 1);
    let previous = Tensor::cat(vec![first, context], 1).narrow(1, 0, count);
    let seen = DitInput {
        x: before.clone(),
        previous: Some(previous),
        timestep: timestep(schedule.level(sampler.context_level).timestep),
        actions: window.actions.clone().narrow(1, 0, count),
    };
    let sight = Sight::banded(count, near, head, theta, &device);
    let past = dit.forward(seen, &sight, None).kv;

    // Frame `i + 1` is drawn after the context's frame `i`.
    let positions: Vec<u64> = (1..=count as u64).collect();
    let sight = Sight::new(
        &positions,
        2 * count,
        head,
        theta,
        &device,
        |query, key| match key.checked_sub(count) {
            None => key <= query && query + 1 - key < near,
            Some(own) => own == query,
        },
    );
    let actions = window.actions.narrow(1, 1, count);
    let clip = sampler.noise_clip;
    let mut x = lesson.noise.clamp(-clip, clip);
    let levels = schedule.levels(sampler.steps, sampler.noise_scale);
    for pair in levels.windows(2) {
        let &[level, next] = pair else { continue };
        let input = DitInput {
            x: x.clone(),
            previous: Some(before.clone()),
            timestep: timestep(level.timestep),
            actions: actions.clone(),
        };
        let prediction = dit.forward(input, &sight, Some(&past)).prediction;
        x = level.advance(sizes.prediction, &next, x, prediction, before.clone());
    }
    let error = x - lesson.drawn;
    (error.clone() * error).mean()
}

#[cfg(test)]
mod tests {
    use burn::module::{Module as _, ModuleMapper, Param};
    use burn::optim::{AdamConfig, GradientsParams, Optimizer as _};
    use burn::tensor::Distribution;
    use burn_autodiff::Autodiff;
    use burn_flex::{Flex, FlexDevice};
    use bvgdm_core::{WorldConfig, preset};

    use super::super::batches::{Batches, Teacher};
    use super::*;
    use crate::alone::alone;
    use crate::config::{DitTrainConfig, of_flags};
    use crate::data::{Window, step_rng};

    type B = Autodiff<Flex>;

    struct Randomise;

    impl ModuleMapper<B> for Randomise {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
            param.map(|tensor| {
                let random = tensor.random_like(Distribution::Normal(0.0, 0.15));
                random.detach().require_grad()
            })
        }
    }

    /// A teacher of three passes whose weights are zero nowhere, and what it drew in two windows.
    fn lesson(sizes: &WorldConfig) -> (Dit<B>, Batch<B>, Lesson<B>) {
        let device = FlexDevice;
        let dit = Dit::<B>::new(&sizes.dit, &device).map(&mut Randomise);
        let flags = "--episodes e --out o --from a --world b --own-context-depth 4";
        let config: DitTrainConfig = of_flags(&flags.split(' ').collect::<Vec<_>>());
        let teacher = Teacher {
            dit: dit.clone().no_grad(),
            sampler: sizes.sampler,
        };
        let [c, h, w] = sizes.vae.latent_shape();
        let normal = Distribution::Normal(0.0, 1.0);
        let latents = Tensor::random([2, 8, c, h, w], normal, &device);
        let window = Window {
            previous: latents.clone(),
            latents,
            actions: Tensor::random([2, 8, sizes.dit.actions], normal, &device),
        };
        let mut batches = Batches::new(&config, sizes, 0, Some(teacher), &device).unwrap();
        let mut batch = batches.fill(window, None, &mut step_rng(3, 0));
        let lesson = batch.lesson.take().unwrap();
        (dit, batch, lesson)
    }

    fn sizes() -> WorldConfig {
        let mut sizes = preset("arena").unwrap();
        (sizes.dit.hidden, sizes.dit.depth, sizes.dit.heads) = (24, 2, 2);
        sizes.dit.window = 4;
        (sizes.sampler.steps, sizes.sampler.noise_scale) = (3, 1.2);
        sizes.sampler.context_level = 0.1;
        sizes
    }

    fn copy(batch: &Batch<B>) -> Batch<B> {
        batch.narrow(0, 2)
    }

    #[test]
    fn a_pupil_with_the_teacher_s_weights_and_passes_draws_what_the_teacher_draws_in_play() {
        let _alone = alone();
        let sizes = sizes();
        let schedule = Schedule::new(&sizes.schedule);
        let (dit, batch, lesson) = lesson(&sizes);
        let distance = |sampler: &SamplerConfig| {
            let loss = distil(&dit, copy(&batch), lesson.clone(), &schedule, sampler);
            loss.into_scalar()
        };
        let same = distance(&sizes.sampler);
        assert!(same < 1e-9, "{same}");
        let mut fewer = sizes.sampler;
        fewer.steps = 2;
        let other = distance(&fewer);
        assert!(
            other > 1e3 * same.max(1e-9),
            "{other}, and {same} of as many passes"
        );
    }

    #[test]
    fn a_pupil_of_fewer_passes_comes_closer_to_its_teacher() {
        let _alone = alone();
        let sizes = sizes();
        let schedule = Schedule::new(&sizes.schedule);
        let (mut dit, batch, lesson) = lesson(&sizes);
        let mut sampler = sizes.sampler;
        sampler.steps = 2;
        let mut optimiser = AdamConfig::new().init();
        let mut losses = Vec::new();
        for _ in 0..30 {
            let loss = distil(&dit, copy(&batch), lesson.clone(), &schedule, &sampler);
            losses.push(loss.clone().into_scalar());
            let grads = GradientsParams::from_grads(loss.backward(), &dit);
            dit = optimiser.step(2e-3, dit, grads);
        }
        let (first, last) = (losses[0], losses[29]);
        assert!(last < 0.5 * first, "{losses:?}");
    }
}
