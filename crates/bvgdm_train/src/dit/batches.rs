//! Windows to train on, with contexts as playing makes them.

use burn::module::{AutodiffModule as _, Module as _};
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{Distribution, Tensor, TensorData};
use bvgdm_core::WorldConfig;
use bvgdm_model::{Dit, PlaySettings, Rollout, World};
use rand::Rng;

use crate::config::DitTrainConfig;
use crate::data::{LatentStore, Window};
use crate::error::Result;

/// A batch of windows.
pub struct Batch<B: Backend> {
    /// What was recorded.
    pub window: Window<B>,
    /// What the network sees of the frames before each, `[batch, T, C, H, W]`: recorded latents, rows of
    /// them replaced by its own.
    pub context: Tensor<B, 5>,
}

/// Draws batches, several at once: a roll-out is many small passes one after the other, which take
/// a graphics card hardly longer for more windows side by side.
pub struct Batches<'a, B: AutodiffBackend> {
    config: &'a DitTrainConfig,
    world: World<B>,
    drawn: Option<Batch<B>>,
    /// Uses of its batches that are left.
    left: usize,
}

impl<'a, B: AutodiffBackend> Batches<'a, B> {
    /// For a network of these sizes.
    ///
    /// # Errors
    /// When the sizes make no world.
    pub fn new(
        config: &'a DitTrainConfig,
        sizes: &WorldConfig,
        device: &B::Device,
    ) -> Result<Self> {
        Ok(Self {
            config,
            world: World::new(sizes, device)?,
            drawn: None,
            left: 0,
        })
    }

    /// The next batch; `own`: the network that contexts are drawn with, if there are such yet.
    ///
    /// # Errors
    /// When no episode is long enough.
    pub fn next(
        &mut self,
        latents: &LatentStore,
        own: Option<&Dit<B::InnerBackend>>,
        rng: &mut impl Rng,
    ) -> Result<Batch<B>> {
        let (batch, at_once) = (self.config.batch, self.config.own_context_batches.max(1));
        let drawn = match self.drawn.take().filter(|_| self.left > 0) {
            Some(drawn) => drawn,
            None => {
                self.left = at_once * self.config.own_context_uses.max(1);
                self.draw(latents, own, batch * at_once, rng)?
            }
        };
        self.left -= 1;
        let next = drawn.narrow(self.left % at_once * batch, batch);
        self.drawn = Some(drawn);
        Ok(next)
    }

    fn draw(
        &mut self,
        latents: &LatentStore,
        own: Option<&Dit<B::InnerBackend>>,
        count: usize,
        rng: &mut impl Rng,
    ) -> Result<Batch<B>> {
        let frames = self.config.frames;
        let starts = latents.draw(rng, count, frames)?;
        let window = latents.windows::<B>(&starts, frames, &self.world.device);
        let context = match own {
            Some(dit) => {
                // The engine with gradients may have kernels that the one without has not.
                self.world.dit = Dit::from_inner(dit.clone()).no_grad();
                self.roll_out(&window, rng)
            }
            None => window.latents.clone(),
        };
        Ok(Batch { window, context })
    }

    /// The latents of `window`, some rows of them replaced by what the world draws in their place,
    /// each frame from those before it: mistakes are as deep as a row is long.
    fn roll_out(&self, window: &Window<B>, rng: &mut impl Rng) -> Tensor<B, 5> {
        let [count, frames, ..] = window.latents.dims();
        let turns = Turns {
            real: self.world.config.dit.window,
            own: self.config.own_context_depth,
        };
        let own: Vec<f32> = (0..count)
            .flat_map(|_| turns.draw(frames, rng))
            .map(|own| f32::from(u8::from(own)))
            .collect();
        let own = TensorData::new(own, [count, frames, 1, 1, 1]);
        let own = Tensor::<B, 5>::from_data(own, &self.world.device);
        let mut sampler = self.world.config.sampler;
        sampler.steps = rng.random_range(1..=sampler.steps);
        sampler.context_noise = false;
        let settings = PlaySettings { sampler, seed: 0 };
        let real = |t| window.latents.clone().narrow(1, t, 1);
        let action = |t| window.actions.clone().narrow(1, t, 1);
        let mut rollout = Rollout::new(&self.world, settings, real(0), action(0));
        let mut context = vec![real(0)];
        for t in 1..frames {
            let noise = real(t).random_like(Distribution::Normal(0.0, 1.0));
            let drawn = rollout.step_from(&self.world, action(t), noise);
            let seen = real(t) + (drawn - real(t)) * own.clone().narrow(1, t, 1);
            rollout.replace_last(seen.clone());
            context.push(seen);
        }
        Tensor::cat(context, 1)
    }
}

/// Recorded frames and own ones by turns.
struct Turns {
    /// Most recorded frames in a row.
    real: usize,
    /// Most own frames in a row.
    own: usize,
}

impl Turns {
    /// Which of `frames` frames are the model's own; never the first.
    fn draw(&self, frames: usize, rng: &mut impl Rng) -> Vec<bool> {
        let mut turns = Vec::with_capacity(frames);
        while turns.len() < frames {
            let real = rng.random_range(1..=self.real.max(1));
            turns.extend(std::iter::repeat_n(false, real));
            // From one frame to the most, each doubling alike: the first mistakes matter most.
            let own = rng
                .random_range(0.0..=((self.own + 1) as f64).log2())
                .exp2() as usize;
            turns.extend(std::iter::repeat_n(true, own.min(self.own)));
        }
        turns.truncate(frames);
        turns
    }
}

impl<B: Backend> Batch<B> {
    fn narrow(&self, from: usize, count: usize) -> Self {
        Self {
            window: self.window.narrow(from, count),
            context: self.context.clone().narrow(0, from, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::step_rng;

    #[test]
    fn own_frames_come_in_rows_of_every_length_up_to_the_most_and_never_first() {
        let turns = Turns { real: 3, own: 8 };
        let mut rng = step_rng(1, 0);
        let mut rows = [0_usize; 10];
        for _ in 0..200 {
            let drawn = turns.draw(40, &mut rng);
            assert_eq!(drawn.len(), 40);
            assert!(!drawn[0]);
            for row in drawn.split(|own| !own).filter(|row| !row.is_empty()) {
                rows[row.len()] += 1;
            }
        }
        assert!(rows[1..=8].iter().all(|&count| count > 20), "{rows:?}");
        assert_eq!(rows[9], 0);
        assert!(rows[1] > rows[8], "{rows:?}");
    }

    #[test]
    fn without_own_frames_all_are_recorded() {
        let turns = Turns { real: 8, own: 0 };
        let drawn = turns.draw(24, &mut step_rng(1, 0));
        assert!(drawn.iter().all(|own| !own));
    }
}
