//! Windows to train on, with contexts as playing makes them.

use burn::module::{AutodiffModule as _, Module as _};
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{Distribution, Tensor, TensorData};
use bvgdm_core::{SamplerConfig, WorldConfig};
use bvgdm_model::{Dit, PlaySettings, Rollout, World};
use rand::Rng;

use super::distil::Lesson;
use crate::config::DitTrainConfig;
use crate::data::{LatentStore, Window, group_rng};
use crate::error::Result;

/// A batch of windows.
pub struct Batch<B: Backend> {
    /// What was recorded.
    pub window: Window<B>,
    /// What the network sees of the frames before each, `[batch, T, C, H, W]`: recorded latents, rows of
    /// them replaced by its own.
    pub context: Tensor<B, 5>,
    /// What the teacher drew, if there is one.
    pub lesson: Option<Lesson<B>>,
}

/// Draws batches, several at once: a roll-out is many small passes one after the other, which take
/// a graphics card hardly longer for more windows side by side.
pub struct Batches<'a, B: AutodiffBackend> {
    config: &'a DitTrainConfig,
    world: World<B>,
    /// Steps that the first weights had seen: a run that goes on from a world sees other batches than
    /// those that made it.
    before: u64,
    /// Who draws, if it is not the network in training.
    teacher: Option<Teacher<B>>,
    /// Batches that were drawn together, and the first step that they are for.
    drawn: Option<(u64, Batch<B>)>,
}

/// A network that a smaller number of passes is learned from.
pub struct Teacher<B: AutodiffBackend> {
    /// Its weights.
    pub dit: Dit<B>,
    /// How it draws.
    pub sampler: SamplerConfig,
}

impl<'a, B: AutodiffBackend> Batches<'a, B> {
    /// For a network of these sizes, whose weights have seen `before` steps; with a `teacher` that draws the
    /// contexts, and what is to be drawn of them.
    ///
    /// # Errors
    /// When the sizes make no world.
    pub fn new(
        config: &'a DitTrainConfig,
        sizes: &WorldConfig,
        before: u64,
        teacher: Option<Teacher<B>>,
        device: &B::Device,
    ) -> Result<Self> {
        Ok(Self {
            config,
            world: World::new(sizes, device)?,
            before,
            teacher,
            drawn: None,
        })
    }

    /// The batch of step `step` of `steps`; `dit`: the network that contexts are drawn with, once it is
    /// time. Which windows these are follows from the seed and the step alone, so a run that goes on in
    /// the middle of batches that were drawn together draws them again, its own contexts with the
    /// network as it is then.
    ///
    /// # Errors
    /// When no episode is long enough.
    pub fn at(
        &mut self,
        (step, steps): (u64, u64),
        latents: &LatentStore,
        dit: &Dit<B::InnerBackend>,
    ) -> Result<Batch<B>> {
        let config = self.config;
        let (batch, at_once) = (config.batch, config.own_context_batches as u64);
        let turn = step % (at_once * config.own_context_uses as u64);
        let first = step - turn;
        let drawn = match self.drawn.take() {
            Some((of, drawn)) if of == first => drawn,
            _ => {
                let ready = first as f64 >= config.own_context_after * steps as f64;
                let own = (ready && config.own_context_depth > 0).then_some(dit);
                let mut rng = group_rng(config.run.seed, self.before + first);
                B::seed(&self.world.device, rng.random());
                self.draw(latents, own, batch * at_once as usize, &mut rng)?
            }
        };
        let batch = drawn.narrow((turn % at_once) as usize * batch, batch);
        self.drawn = Some((first, drawn));
        Ok(batch)
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
        Ok(self.fill(window, own, rng))
    }

    /// The batch of these windows: what is drawn in them, by the teacher or by the network `own`.
    pub(super) fn fill(
        &mut self,
        window: Window<B>,
        own: Option<&Dit<B::InnerBackend>>,
        rng: &mut impl Rng,
    ) -> Batch<B> {
        let mut sampler = self.world.config.sampler;
        match (&self.teacher, own) {
            (Some(teacher), _) => {
                self.world.dit = teacher.dit.clone();
                sampler = teacher.sampler;
            }
            (None, Some(dit)) => {
                // The engine with gradients may have kernels that the one without has not.
                self.world.dit = Dit::from_inner(dit.clone()).no_grad();
                sampler.steps = rng.random_range(1..=sampler.steps);
            }
            (None, None) => {
                return Batch {
                    context: window.latents.clone(),
                    window,
                    lesson: None,
                };
            }
        }
        let (context, lesson) = self.roll_out(&window, sampler, rng);
        Batch {
            window,
            context,
            lesson,
        }
    }

    /// The latents of `window`, some rows of them replaced by what the world draws in their place,
    /// each frame from those before it: mistakes are as deep as a row is long. And what it drew of each.
    fn roll_out(
        &self,
        window: &Window<B>,
        mut sampler: SamplerConfig,
        rng: &mut impl Rng,
    ) -> (Tensor<B, 5>, Option<Lesson<B>>) {
        let [count, frames, ..] = window.latents.dims();
        let turns = Turns {
            real: self.world.config.dit.window,
            own: self.config.own_context_depth,
            last: self.config.own_context_last,
        };
        let own: Vec<f32> = (0..count)
            .flat_map(|_| turns.draw(frames, rng))
            .map(|own| f32::from(u8::from(own)))
            .collect();
        let own = TensorData::new(own, [count, frames, 1, 1, 1]);
        let own = Tensor::<B, 5>::from_data(own, &self.world.device);
        sampler.context_noise = false;
        let settings = PlaySettings { sampler, seed: 0 };
        let real = |t| window.latents.clone().narrow(1, t, 1);
        let action = |t| window.actions.clone().narrow(1, t, 1);
        let mut rollout = Rollout::new(&self.world, settings, real(0), action(0));
        let mut context = vec![real(0)];
        let (mut noises, mut frames_drawn) = (Vec::new(), Vec::new());
        for t in 1..frames {
            let noise = real(t).random_like(Distribution::Normal(0.0, 1.0));
            let drawn = rollout.step_from(&self.world, action(t), noise.clone());
            let seen = real(t) + (drawn.clone() - real(t)) * own.clone().narrow(1, t, 1);
            rollout.replace_last(seen.clone());
            context.push(seen);
            noises.push(noise);
            frames_drawn.push(drawn);
        }
        let lesson = self.teacher.as_ref().map(|_| Lesson {
            noise: Tensor::cat(noises, 1),
            drawn: Tensor::cat(frames_drawn, 1),
        });
        (Tensor::cat(context, 1), lesson)
    }
}

/// Recorded frames and own ones by turns.
struct Turns {
    /// Most recorded frames in a row.
    real: usize,
    /// Most own frames in a row.
    own: usize,
    /// Whether there is one row of them alone, at the end.
    last: bool,
}

impl Turns {
    /// Which of `frames` frames are the model's own; never the first.
    fn draw(&self, frames: usize, rng: &mut impl Rng) -> Vec<bool> {
        let mut turns = Vec::with_capacity(frames);
        if self.last {
            let own = row(self.own.min(frames.saturating_sub(1)), rng);
            turns.extend((0..frames).map(|t| t + own >= frames));
        }
        while turns.len() < frames {
            let real = rng.random_range(1..=self.real.max(1));
            turns.extend(std::iter::repeat_n(false, real));
            turns.extend(std::iter::repeat_n(true, row(self.own, rng)));
        }
        turns.truncate(frames);
        turns
    }
}

/// From one frame to the most, each doubling alike: the first mistakes matter most.
fn row(most: usize, rng: &mut impl Rng) -> usize {
    let row = rng.random_range(0.0..=((most + 1) as f64).log2()).exp2() as usize;
    row.min(most)
}

impl<B: Backend> Batch<B> {
    /// `count` of these windows.
    pub fn narrow(&self, from: usize, count: usize) -> Self {
        Self {
            window: self.window.narrow(from, count),
            context: self.context.clone().narrow(0, from, count),
            lesson: self.lesson.as_ref().map(|l| l.narrow(from, count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::step_rng;

    #[test]
    fn own_frames_come_in_rows_of_every_length_up_to_the_most_and_never_first() {
        let turns = Turns {
            real: 3,
            own: 8,
            last: false,
        };
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
        for last in [false, true] {
            let (real, own) = (8, 0);
            let turns = Turns { real, own, last };
            let drawn = turns.draw(24, &mut step_rng(1, 0));
            assert!(drawn.iter().all(|own| !own));
        }
    }

    #[test]
    fn the_one_row_at_the_end_has_every_length_up_to_the_most_and_to_all_but_the_first_frame() {
        for (own, most) in [(6, 6), (50, 11)] {
            let (real, last) = (3, true);
            let turns = Turns { real, own, last };
            let mut rng = step_rng(1, 0);
            let mut rows = [0_usize; 13];
            for _ in 0..400 {
                let drawn = turns.draw(12, &mut rng);
                let row = drawn.iter().rev().take_while(|own| **own).count();
                assert!(drawn.len() == 12 && drawn[..12 - row].iter().all(|own| !own));
                rows[row] += 1;
            }
            assert!(rows[1..=most].iter().all(|&count| count > 5), "{rows:?}");
            let within: usize = rows[1..=most].iter().sum();
            assert_eq!(rows.iter().sum::<usize>(), within, "{rows:?}");
        }
    }
}
