//! One roll-out of one world, frame by frame, on the caller's thread.

use std::sync::Arc;

use bvgdm_core::{ActionSchema, ActionVector, Frame, SamplerConfig, WorldManifest, sha256_hex};
use bvgdm_plan::cpu::{CpuLowering, Products};
use bvgdm_plan::{Context, Lowering as _, Plan, Rollout, Stage, StepInput, WeightsFile};

use crate::error::WorkerError;
use crate::message::WorkerTimings;
use crate::session::Clock;

/// A drawn frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// 0 for the frame that the roll-out began with, then counting up.
    pub index: u64,
    /// The picture.
    pub frame: Frame,
    /// What it took.
    pub timings: WorkerTimings,
}

/// Draws the frames of a world.
pub struct Player {
    schema: ActionSchema,
    lowering: CpuLowering,
    rollout: Rollout,
    clock: Clock,
}

impl Player {
    /// Checks and plans a world. The content of its weights file is freed before anything that only
    /// playing needs is allocated, so that the memory is used again: a wasm never gives any back.
    ///
    /// # Errors
    /// When size, checksum or a tensor is not what the manifest says, or no pass does what it needs.
    pub fn new(
        manifest: &WorldManifest,
        weights: Vec<u8>,
        products: Products,
        clock: Clock,
    ) -> Result<Self, WorkerError> {
        check_weights(manifest, &weights)?;
        let plan = Plan::new(manifest, &WeightsFile::parse(manifest, &weights)?)?;
        drop(weights);
        let plan = Arc::new(plan);
        Ok(Self {
            schema: manifest.schema.clone(),
            // A worker is one thread; sharing memory between several needs headers from the server.
            lowering: CpuLowering::with_products(plan.clone(), 1, products),
            rollout: Rollout::new(plan),
            clock,
        })
    }

    /// The controls.
    pub fn schema(&self) -> &ActionSchema {
        &self.schema
    }

    /// The world's own sampler.
    pub fn sampler(&self) -> SamplerConfig {
        self.rollout.plan().config.sampler
    }

    /// Begins in one of the world's own first frames.
    ///
    /// # Errors
    /// When the network's numbers are not finite.
    pub fn begin(&mut self, seed: u64) -> Result<Drawn, WorkerError> {
        let sampler = self.sampler();
        self.rollout.begin(&mut self.lowering, seed, &sampler);
        self.show(0.0)
    }

    /// Begins in a picture of the world's size.
    ///
    /// # Errors
    /// When it has another size, or the network's numbers are not finite.
    pub fn begin_in_picture(&mut self, seed: u64, rgb: Vec<u8>) -> Result<Drawn, WorkerError> {
        let (sampler, image) = (self.sampler(), self.rollout.plan().image);
        let picture = Frame::new(image.width, image.height, rgb)?;
        let pixels: Vec<f32> = picture.rgb.iter().map(|&b| f32::from(b) / 255.0).collect();
        self.rollout
            .begin_in_picture(&mut self.lowering, seed, &sampler, &pixels);
        self.show(0.0)
    }

    /// Begins in a latent, `[channels, rows, columns]`.
    ///
    /// # Errors
    /// When it has another size, or the network's numbers are not finite.
    pub fn begin_in_latent(&mut self, seed: u64, latent: &[f32]) -> Result<Drawn, WorkerError> {
        let (sampler, plan) = (self.sampler(), self.rollout.plan().clone());
        if latent.len() != plan.latent_len() {
            let (expected, found) = (plan.latent_len(), latent.len());
            return Err(WorkerError::Body { expected, found });
        }
        let tokens = plan.to_tokens(latent);
        self.rollout
            .begin_in(&mut self.lowering, seed, &sampler, &tokens);
        self.show(0.0)
    }

    /// Where the roll-out stands.
    pub fn leave(&self) -> Context {
        self.rollout.context(self.lowering.memory())
    }

    /// Goes on where another engine stood, and draws its last frame again.
    ///
    /// # Errors
    /// When the context is of another world, or its numbers are not finite.
    pub fn resume(&mut self, context: &Context) -> Result<Drawn, WorkerError> {
        self.rollout.resume(&mut self.lowering, context)?;
        self.show(0.0)
    }

    /// Draws the next frame.
    ///
    /// # Errors
    /// When the roll-out has not begun, the action or the sampler is out of range, or the network's
    /// numbers are not finite.
    pub fn step(
        &mut self,
        action: &ActionVector,
        sampler: &SamplerConfig,
    ) -> Result<Drawn, WorkerError> {
        self.schema.check(action)?;
        sampler.validate(&self.rollout.plan().config.schedule)?;
        if self.rollout.frames() == 0 {
            return Err(WorkerError::NotBegun);
        }
        let begun = (self.clock)();
        let values = self.schema.normalize(action);
        self.rollout.step(&mut self.lowering, &values, sampler);
        self.show((self.clock)() - begun)
    }

    /// Checks the newest latent and decodes it.
    fn show(&mut self, denoise_ms: f64) -> Result<Drawn, WorkerError> {
        let begun = (self.clock)();
        let plan = self.rollout.plan().clone();
        let index = self.rollout.frames().saturating_sub(1);
        let latent = self.lowering.read(plan.state.last);
        if !latent.iter().all(|value| value.is_finite()) {
            return Err(WorkerError::NotFinite { frame: index });
        }
        self.lowering.run(Stage::Decode, &StepInput::default());
        let drawn = self.lowering.read(plan.state.pixels);
        let frame = plan.image.to_frame(drawn);
        let frame = frame.ok_or(WorkerError::NotFinite { frame: index })?;
        let timings = WorkerTimings {
            denoise_ms,
            decode_ms: (self.clock)() - begun,
        };
        Ok(Drawn {
            index,
            frame,
            timings,
        })
    }
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player").finish_non_exhaustive()
    }
}

/// Compares the content of a weights file with what the manifest says. Size first: it costs nothing.
///
/// # Errors
/// When size or checksum is another.
pub fn check_weights(manifest: &WorldManifest, weights: &[u8]) -> Result<(), WorkerError> {
    let expected = &manifest.weights;
    let problem = |field, expected_value: String, found: String| WorkerError::Weights {
        file: expected.file.clone(),
        field,
        expected: expected_value,
        found,
    };
    let bytes = weights.len() as u64;
    if bytes != expected.bytes {
        let (wanted, found) = (expected.bytes.to_string(), bytes.to_string());
        return Err(problem("bytes", wanted, found));
    }
    let sha256 = sha256_hex(weights);
    if !sha256.eq_ignore_ascii_case(&expected.sha256) {
        return Err(problem("SHA-256", expected.sha256.clone(), sha256));
    }
    Ok(())
}
