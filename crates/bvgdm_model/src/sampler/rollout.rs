//! The sampler that plays: the context is computed once.

use std::collections::VecDeque;

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use bvgdm_core::{Level, SlidingWindow, standard_normal};

use super::PlaySettings;
use super::ring::Ring;
use crate::dit::{DitInput, DitOutput, FrameKv, Sight};
use crate::level::TensorLevel as _;
use crate::world::World;

/// A frame of the context: what the network is shown of it.
#[derive(Debug, Clone)]
pub(super) struct ContextFrame<B: Backend> {
    /// Its latent, noisy if the settings say so, `[batch, 1, C, H, W]`.
    pub x: Tensor<B, 5>,
    /// The latent of the frame before it.
    pub previous: Tensor<B, 5>,
    /// The action that led to it, `[batch, 1, actions]`.
    pub action: Tensor<B, 3>,
}

/// A roll-out of one world, or of several side by side (`batch`), with cached context.
///
/// A frame's keys and values are written when the next frame is drawn, in the same pass as that
/// frame's first denoising step: twice the tokens in one pass cost less than two passes.
#[derive(Debug, Clone)]
pub struct Rollout<B: Backend> {
    settings: PlaySettings,
    /// Frames so far; the next one has this position.
    frames: u64,
    ring: Ring<B>,
    /// The last frames, for a window that is computed afresh.
    context: VecDeque<ContextFrame<B>>,
    /// The newest frame, not in the ring yet.
    pending: Option<ContextFrame<B>>,
    /// The newest latent, `[batch, 1, C, H, W]`.
    last: Tensor<B, 5>,
}

impl<B: Backend> Rollout<B> {
    /// Begins with the frames of `start: [batch, F, C, H, W]` (at least one) and the actions that
    /// led to each, `[batch, F, actions]`.
    pub fn new(
        world: &World<B>,
        settings: PlaySettings,
        start: Tensor<B, 5>,
        actions: Tensor<B, 3>,
    ) -> Self {
        let window = world.config.dit.window;
        let count = start.dims()[1];
        let mut rollout = Self {
            settings,
            frames: 0,
            ring: Ring::new(window.saturating_sub(1)),
            context: VecDeque::new(),
            pending: None,
            last: start.clone().narrow(1, 0, 1),
        };
        for i in 0..count {
            rollout.commit_pending(world);
            let action = actions.clone().narrow(1, i, 1);
            rollout.push(world, start.clone().narrow(1, i, 1), action);
        }
        rollout
    }

    /// Frames so far, those of the start among them.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The newest latent, `[batch, 1, C, H, W]`.
    pub fn last(&self) -> Tensor<B, 5> {
        self.last.clone()
    }

    /// Puts `latent: [batch, 1, C, H, W]` in the newest frame's place, before the next is drawn.
    pub fn replace_last(&mut self, latent: Tensor<B, 5>) {
        let newest = self.pending.iter_mut().chain(self.context.back_mut());
        newest.for_each(|frame| frame.x = latent.clone());
        self.last = latent;
    }

    /// Changes steps, context noise or clipping from the next frame on.
    pub fn set_settings(&mut self, settings: PlaySettings) {
        self.settings = settings;
    }

    /// Draws the next frame's latent `[batch, 1, C, H, W]` from the action held on the way to it,
    /// `[batch, 1, actions]`, with noise from the seed.
    pub fn step(&mut self, world: &World<B>, action: Tensor<B, 3>) -> Tensor<B, 5> {
        let shape = self.last.dims();
        let clip = self.settings.sampler.noise_clip as f32;
        let noise = noise(self.settings.seed, self.frames, shape, clip, &world.device);
        self.step_from(world, action, noise)
    }

    /// As [`step`](Self::step), from this noise.
    pub fn step_from(
        &mut self,
        world: &World<B>,
        action: Tensor<B, 3>,
        noise: Tensor<B, 5>,
    ) -> Tensor<B, 5> {
        let clip = self.settings.sampler.noise_clip;
        let mut x = noise.clamp(-clip, clip);
        let previous = self.last.clone();
        let recomputed = self.recompute(world);
        let sampler = &self.settings.sampler;
        let levels = world.schedule.levels(sampler.steps, sampler.noise_scale);
        for pair in levels.windows(2) {
            let &[level, next] = pair else { continue };
            let frame = ContextFrame {
                x: x.clone(),
                previous: previous.clone(),
                action: action.clone(),
            };
            let prediction = match &recomputed {
                Some(past) => self.denoise_in_window(world, frame, &level, past),
                None => self.denoise(world, frame, &level),
            };
            let kind = world.config.dit.prediction;
            x = level.advance(kind, &next, x, prediction, previous.clone());
        }
        self.push(world, x.clone(), action);
        x
    }

    /// Makes `latent` the newest frame.
    fn push(&mut self, world: &World<B>, latent: Tensor<B, 5>, action: Tensor<B, 3>) {
        let x = if self.settings.sampler.context_noise {
            let clip = self.settings.sampler.noise_clip as f32;
            // Another stream than the frame's own noise.
            let seed = self.settings.seed ^ 0x9e37_79b9_7f4a_7c15;
            let noise = noise(seed, self.frames, latent.dims(), clip, &world.device);
            self.context_level(world).add_noise(latent.clone(), noise)
        } else {
            latent.clone()
        };
        let frame = ContextFrame {
            x,
            previous: self.last.clone(),
            action,
        };
        if world.config.dit.sliding == SlidingWindow::Recomputed {
            self.context.push_back(frame.clone());
            while self.context.len() + 1 > world.config.dit.window.max(1) {
                self.context.pop_front();
            }
        }
        self.pending = Some(frame);
        self.last = latent;
        self.frames += 1;
    }

    /// The context's keys and values afresh, once a window of this kind has slid.
    fn recompute(&mut self, world: &World<B>) -> Option<Vec<FrameKv<B>>> {
        let dit = &world.config.dit;
        let slid = self.frames >= dit.window as u64;
        if dit.sliding != SlidingWindow::Recomputed || !slid || self.context.is_empty() {
            return None;
        }
        self.pending = None;
        let frames: Vec<_> = self.context.iter().cloned().collect();
        let level = self.context_level(world);
        let input = window_input(&frames, &vec![level; frames.len()], &world.device);
        let theta = dit.temporal_rope_theta;
        let sight = Sight::banded(
            frames.len(),
            dit.window,
            dit.head_dim(),
            theta,
            &world.device,
        );
        Some(world.dit.forward(input, &sight, None).kv)
    }

    /// One pass of the newest frame's tokens against a window computed afresh.
    fn denoise_in_window(
        &self,
        world: &World<B>,
        frame: ContextFrame<B>,
        level: &Level,
        past: &[FrameKv<B>],
    ) -> Tensor<B, 5> {
        let dit = &world.config.dit;
        let count = self.context.len();
        let (head, theta) = (dit.head_dim(), dit.temporal_rope_theta);
        let see_all = |_, _| true;
        let sight = Sight::new(
            &[count as u64],
            count + 1,
            head,
            theta,
            &world.device,
            see_all,
        );
        let input = window_input(&[frame], &[*level], &world.device);
        world.dit.forward(input, &sight, Some(past)).prediction
    }

    /// One pass of the newest frame's tokens, and of the pending frame's, against the ring.
    fn denoise(&mut self, world: &World<B>, frame: ContextFrame<B>, level: &Level) -> Tensor<B, 5> {
        let position = self.frames;
        let output = match self.pending.take() {
            Some(pending) => {
                let levels = [self.context_level(world), *level];
                let output =
                    self.pass(world, &[pending, frame], &levels, &[position - 1, position]);
                self.ring.write(position - 1, &output.kv, 0);
                output
            }
            None => self.pass(world, &[frame], &[*level], &[position]),
        };
        let newest = output.prediction.dims()[1] - 1;
        output.prediction.narrow(1, newest, 1)
    }

    /// Writes the pending frame's keys and values without drawing another.
    fn commit_pending(&mut self, world: &World<B>) {
        if let Some(pending) = self.pending.take() {
            let (level, position) = (self.context_level(world), self.frames - 1);
            let output = self.pass(world, &[pending], &[level], &[position]);
            self.ring.write(position, &output.kv, 0);
        }
    }

    fn pass(
        &self,
        world: &World<B>,
        frames: &[ContextFrame<B>],
        levels: &[Level],
        positions: &[u64],
    ) -> DitOutput<B> {
        let dit = &world.config.dit;
        let cached = self.ring.positions();
        let times: Vec<u64> = cached.iter().chain(positions).copied().collect();
        let (head, theta, window) = (dit.head_dim(), dit.temporal_rope_theta, dit.window as u64);
        let sight = Sight::new(
            positions,
            times.len(),
            head,
            theta,
            &world.device,
            |query, key| {
                let (at, other) = (times[cached.len() + query], times[key]);
                other <= at && at - other < window
            },
        );
        let input = window_input(frames, levels, &world.device);
        world
            .dit
            .forward(input, &sight, self.ring.past().as_deref())
    }

    fn context_level(&self, world: &World<B>) -> Level {
        world.schedule.level(self.settings.sampler.context_level)
    }
}

/// Frames side by side as the network wants them.
pub(super) fn window_input<B: Backend>(
    frames: &[ContextFrame<B>],
    levels: &[Level],
    device: &B::Device,
) -> DitInput<B> {
    let batch = frames.first().map_or(1, |frame| frame.x.dims()[0]);
    let timesteps: Vec<f32> = levels.iter().map(|level| level.timestep as f32).collect();
    let timestep = Tensor::<B, 1>::from_floats(timesteps.as_slice(), device)
        .reshape([1, levels.len()])
        .expand([batch, levels.len()]);
    let cat = |pick: fn(&ContextFrame<B>) -> Tensor<B, 5>| {
        Tensor::cat(frames.iter().map(pick).collect(), 1)
    };
    DitInput {
        x: cat(|frame| frame.x.clone()),
        previous: Some(cat(|frame| frame.previous.clone())),
        timestep,
        actions: Tensor::cat(frames.iter().map(|frame| frame.action.clone()).collect(), 1),
    }
}

/// Noise of a frame, each of a batch with its own.
pub(super) fn noise<B: Backend>(
    seed: u64,
    frame: u64,
    shape: [usize; 5],
    clip: f32,
    device: &B::Device,
) -> Tensor<B, 5> {
    let values = standard_normal(seed, frame, shape.iter().product(), clip);
    Tensor::from_data(TensorData::new(values, shape), device)
}
