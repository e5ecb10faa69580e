//! What happens from frame to frame, the same for every lowering: which passes run, with which
//! noise, levels, actions and positions.

use std::sync::Arc;

use bvgdm_core::{Level, SamplerConfig, Schedule, standard_normal};

use crate::context::Context;
use crate::error::Result;
use crate::plan::{BufferId, Plan, Stage};
use crate::rope;

/// What a pass needs beside buffers and tables; another one for every denoising step of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepInput {
    /// Which denoising step: its rows in [`State::rope`](crate::State::rope) and among adaLN's vectors
    /// are `2 step` and the one after it.
    pub step: usize,
    /// How many of them the frame has.
    pub steps: usize,
    /// The new frame's slot in the rings; the pending frame's is the one before, round and round.
    pub slot: usize,
    /// Frames that the rings hold besides the new one, up to the number of slots.
    pub cached: usize,
    /// Weights of the drawn latent, the prediction and the last latent in the sampler's update.
    pub update: [f32; 3],
    /// Weights of the newest latent and of noise in the context.
    pub context: [f32; 2],
}

/// Something that runs passes: a processor, compute shaders, fragment shaders.
pub trait Lowering {
    /// Writes rows of a buffer from `first_row` on, before what is run after it.
    fn write(&mut self, buffer: BufferId, first_row: usize, values: &[f32]);

    /// Runs the passes of a stage, after what was run before it.
    fn run(&mut self, stage: Stage, input: &StepInput);
}

/// A roll-out: knows where it is, and tells a [`Lowering`] what to do.
#[derive(Debug, Clone)]
pub struct Rollout {
    plan: Arc<Plan>,
    schedule: Schedule,
    seed: u64,
    /// Frames so far; the next one has this position.
    frames: u64,
    /// The action that led to the newest frame.
    pending: Vec<f32>,
    /// Embeddings of the levels that the last frame used, by timestep: the same ones again as a rule.
    levels: Vec<(f64, Vec<f32>)>,
}

/// Noise of the context is another stream than the frames' own.
const CONTEXT_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

impl Rollout {
    /// A roll-out that has not begun.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            schedule: Schedule::new(&plan.config.schedule),
            seed: 0,
            frames: 0,
            pending: vec![0.0; plan.config.dit.actions],
            levels: Vec::new(),
            plan,
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Frames so far, the first among them.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Begins in one of the world's own places, chosen by the seed.
    pub fn begin(&mut self, lowering: &mut impl Lowering, seed: u64, sampler: &SamplerConfig) {
        let plan = self.plan.clone();
        let place = (seed % plan.starts.len().max(1) as u64) as usize;
        if let Some(start) = plan.starts.get(place) {
            self.begin_in(lowering, seed, sampler, start);
        }
    }

    /// Begins in this latent, `[tokens, cell]`.
    pub fn begin_in(
        &mut self,
        lowering: &mut impl Lowering,
        seed: u64,
        sampler: &SamplerConfig,
        latent: &[f32],
    ) {
        lowering.write(self.plan.state.drawn, 0, latent);
        self.restart(lowering, seed, sampler);
    }

    /// Begins in a picture of the world's size, `[height, width, 3]` in [0, 1].
    pub fn begin_in_picture(
        &mut self,
        lowering: &mut impl Lowering,
        seed: u64,
        sampler: &SamplerConfig,
        pixels: &[f32],
    ) {
        let patches = self.plan.image.to_patches(pixels);
        lowering.write(self.plan.state.pixels, 0, &patches);
        lowering.run(Stage::Encode, &StepInput::default());
        self.restart(lowering, seed, sampler);
    }

    /// The drawn latent becomes the last one and, since there is none, the one before it too.
    fn restart(&mut self, lowering: &mut impl Lowering, seed: u64, sampler: &SamplerConfig) {
        self.seed = seed;
        self.frames = 0;
        self.pending.fill(0.0);
        let input = StepInput::default();
        lowering.run(Stage::Advance, &input);
        self.advance(lowering, input, sampler);
    }

    /// Where the roll-out stands, given what the buffers of [`Plan::memory`] hold, behind each other.
    pub fn context(&self, memory: Vec<f32>) -> Context {
        Context {
            seed: self.seed,
            frames: self.frames,
            pending: self.pending.clone(),
            memory,
        }
    }

    /// Goes on where another lowering of the same plan stood; this one has nothing left to run.
    ///
    /// # Errors
    /// When the context is of a plan of another shape; nothing has been written then.
    pub fn resume(&mut self, lowering: &mut impl Lowering, context: &Context) -> Result<()> {
        context.check(&self.plan)?;
        let mut left = context.memory.as_slice();
        for buffer in self.plan.memory() {
            let shape = self.plan.buffer(buffer);
            let (values, rest) = left.split_at(shape.rows * shape.columns);
            lowering.write(buffer, 0, values);
            left = rest;
        }
        self.seed = context.seed;
        self.frames = context.frames;
        self.pending.clone_from(&context.pending);
        Ok(())
    }

    /// Draws the next latent from the action held on the way to it (normalised, in the schema's
    /// order).
    pub fn step(&mut self, lowering: &mut impl Lowering, action: &[f32], sampler: &SamplerConfig) {
        let noise = self.noise(self.seed, sampler);
        self.step_from(lowering, action, sampler, &noise);
    }

    /// As [`step`](Self::step), from this noise `[tokens, cell]`.
    pub fn step_from(
        &mut self,
        lowering: &mut impl Lowering,
        action: &[f32],
        sampler: &SamplerConfig,
        noise: &[f32],
    ) {
        let plan = self.plan.clone();
        let dit = &plan.config.dit;
        let (head, theta) = (dit.head_dim(), dit.temporal_rope_theta);
        let slots = dit.window as u64 + 1;
        let mut input = StepInput {
            slot: (self.frames % slots) as usize,
            cached: self.frames.min(slots) as usize,
            ..StepInput::default()
        };
        let rope: Vec<f32> = [self.frames.saturating_sub(1), self.frames]
            .into_iter()
            .flat_map(|position| rope::temporal(position, head, theta))
            .collect();
        let pending = std::mem::replace(&mut self.pending, action.to_vec());
        let context = self.context_level(sampler);
        let levels = self.schedule.levels(sampler.steps, sampler.noise_scale);
        self.levels.retain(|(known, _)| {
            let mut used = levels.iter().chain([&context]);
            used.any(|level| level.timestep == *known)
        });
        let context = self.condition(&context, &pending);

        lowering.write(plan.state.drawn, 0, noise);
        input.steps = sampler.steps;
        let mut conditions = Vec::new();
        for level in levels.iter().take(input.steps) {
            conditions.extend_from_slice(&context);
            conditions.extend(self.condition(level, action));
        }
        lowering.write(plan.state.condition, 0, &conditions);
        lowering.write(plan.state.rope, 0, &rope.repeat(input.steps));
        for (step, pair) in levels.windows(2).enumerate() {
            let &[level, next] = pair else { continue };
            input.step = step;
            input.update = level.update(dit.prediction, &next).map(|x| x as f32);
            let stage = match step {
                0 => Stage::Commit,
                _ => Stage::Denoise,
            };
            lowering.run(stage, &input);
        }
        self.advance(lowering, input, sampler);
    }

    /// The drawn latent becomes the newest frame.
    fn advance(
        &mut self,
        lowering: &mut impl Lowering,
        mut input: StepInput,
        sampler: &SamplerConfig,
    ) {
        input.context = [1.0, 0.0];
        if sampler.context_noise {
            let level = self.context_level(sampler);
            input.context = [level.alpha as f32, level.sigma as f32];
            let noise = self.noise(self.seed ^ CONTEXT_SEED, sampler);
            lowering.write(self.plan.state.context_noise, 0, &noise);
        }
        lowering.run(Stage::Advance, &input);
        self.frames += 1;
    }

    fn context_level(&self, sampler: &SamplerConfig) -> Level {
        self.schedule.level(sampler.context_level)
    }

    fn condition(&mut self, level: &Level, action: &[f32]) -> Vec<f32> {
        let known = |known: &(f64, Vec<f32>)| known.0 == level.timestep;
        let at = match self.levels.iter().position(known) {
            Some(at) => at,
            None => {
                let embedding = self.plan.conditioner.level(level.timestep);
                self.levels.push((level.timestep, embedding));
                self.levels.len() - 1
            }
        };
        let (_, embedding) = &self.levels[at];
        self.plan.conditioner.condition(embedding, action)
    }

    /// The noise of the next frame, `[tokens, cell]`.
    fn noise(&self, seed: u64, sampler: &SamplerConfig) -> Vec<f32> {
        let (count, clip) = (self.plan.latent_len(), sampler.noise_clip as f32);
        self.plan
            .to_tokens(&standard_normal(seed, self.frames, count, clip))
    }
}
