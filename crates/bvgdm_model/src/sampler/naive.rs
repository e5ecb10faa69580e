//! The sampler that recomputes everything, which the cached one is compared with.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::SlidingWindow;

use super::PlaySettings;
use super::rollout::{ContextFrame, noise, window_input};
use crate::dit::Sight;
use crate::level::TensorLevel as _;
use crate::world::World;

/// A roll-out that keeps every latent and passes the whole window (or, banded, the whole history)
/// through the network at each denoising step.
#[derive(Debug, Clone)]
pub struct NaiveRollout<B: Backend> {
    settings: PlaySettings,
    history: Vec<ContextFrame<B>>,
}

impl<B: Backend> NaiveRollout<B> {
    /// Begins as [`Rollout::new`](super::Rollout::new) does; context noise is not supported here.
    pub fn new(settings: PlaySettings, start: Tensor<B, 5>, actions: Tensor<B, 3>) -> Self {
        let mut rollout = Self {
            settings,
            history: Vec::new(),
        };
        for i in 0..start.dims()[1] {
            rollout.push(
                start.clone().narrow(1, i, 1),
                actions.clone().narrow(1, i, 1),
            );
        }
        rollout
    }

    /// Draws the next latent with noise from the seed.
    pub fn step(&mut self, world: &World<B>, action: Tensor<B, 3>) -> Tensor<B, 5> {
        let [_, c, h, w] = world.starts.dims();
        let shape = [action.dims()[0], 1, c, h, w];
        let clip = self.settings.sampler.noise_clip as f32;
        let frame = self.history.len() as u64;
        let noise = noise(self.settings.seed, frame, shape, clip, &world.device);
        self.step_from(world, action, noise)
    }

    /// Draws the next latent from this noise.
    pub fn step_from(
        &mut self,
        world: &World<B>,
        action: Tensor<B, 3>,
        noise: Tensor<B, 5>,
    ) -> Tensor<B, 5> {
        let dit = &world.config.dit;
        let keep = match dit.sliding {
            SlidingWindow::Banded => self.history.len(),
            SlidingWindow::Recomputed => dit.window - 1,
        };
        let from = self.history.len().saturating_sub(keep);
        let mut frames = self.history[from..].to_vec();
        let previous = self
            .history
            .last()
            .map_or_else(|| noise.clone(), |f| f.x.clone());
        let context = world.schedule.level(self.settings.sampler.context_level);
        let clip = self.settings.sampler.noise_clip;
        let mut x = noise.clamp(-clip, clip);
        let theta = dit.temporal_rope_theta;
        let count = frames.len() + 1;
        let sight = Sight::banded(count, dit.window, dit.head_dim(), theta, &world.device);
        let sampler = &self.settings.sampler;
        let levels = world.schedule.levels(sampler.steps, sampler.noise_scale);
        for pair in levels.windows(2) {
            let &[level, next] = pair else { continue };
            frames.truncate(count - 1);
            frames.push(ContextFrame {
                x: x.clone(),
                previous: previous.clone(),
                action: action.clone(),
            });
            let mut levels = vec![context; count - 1];
            levels.push(level);
            let input = window_input(&frames, &levels, &world.device);
            let prediction = world.dit.forward(input, &sight, None).prediction;
            let prediction = prediction.narrow(1, count - 1, 1);
            x = level.advance(dit.prediction, &next, x, prediction, previous.clone());
        }
        self.push(x.clone(), action);
        x
    }

    fn push(&mut self, latent: Tensor<B, 5>, action: Tensor<B, 3>) {
        let previous = self
            .history
            .last()
            .map_or_else(|| latent.clone(), |f| f.x.clone());
        self.history.push(ContextFrame {
            x: latent,
            previous,
            action,
        });
    }
}
