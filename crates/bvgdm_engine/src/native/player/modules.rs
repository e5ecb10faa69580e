//! A world as burn modules.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use burn_flex::Flex;
use bvgdm_core::{ActionSchema, ActionVector, Frame, SamplerConfig};
use bvgdm_model::{PlaySettings, Rollout, World};

use super::{generated, milliseconds};
use crate::error::EngineError;
use crate::message::{Begin, EngineReport, EngineRequest, GeneratedFrame, Start};
use crate::picture::fit;

/// A roll-out of burn modules on any of burn's backends: latents alone.
pub(crate) struct ModuleRollout<B: Backend> {
    world: Arc<World<B>>,
    schema: ActionSchema,
    seed: u64,
    rollout: Rollout<B>,
    index: u64,
}

impl<B: Backend> ModuleRollout<B> {
    /// A roll-out that begins where `begin` says.
    pub fn new(world: Arc<World<B>>, schema: ActionSchema, begin: &Begin) -> Self {
        Self {
            rollout: begin_rollout(&world, &schema, begin),
            world,
            schema,
            seed: begin.seed,
            index: 0,
        }
    }

    /// Begins again.
    pub fn begin(&mut self, begin: &Begin) {
        self.rollout = begin_rollout(&self.world, &self.schema, begin);
        self.seed = begin.seed;
        self.index = 0;
    }

    /// Draws the next latent.
    pub fn step(
        &mut self,
        action: &ActionVector,
        sampler: SamplerConfig,
    ) -> Result<(), EngineError> {
        self.schema.check(action)?;
        sampler.validate(&self.world.config.schedule)?;
        self.rollout.set_settings(PlaySettings {
            sampler,
            seed: self.seed,
        });
        let values = TensorData::new(self.schema.normalize(action), [1, 1, self.schema.len()]);
        let input = Tensor::from_data(values, &self.world.device);
        self.rollout.step(&self.world, input);
        self.index += 1;
        Ok(())
    }

    pub fn world(&self) -> &World<B> {
        &self.world
    }

    /// The newest frame's number.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Nothing held.
    pub fn still(&self) -> ActionVector {
        self.schema.zeros()
    }

    /// The newest latent, `[1, channels, rows, columns]`.
    pub fn latent(&self) -> Tensor<B, 4> {
        self.rollout.last().squeeze_dim(0)
    }

    /// The newest latent's numbers, which must be finite; waits for them.
    pub fn numbers(&self) -> Result<Vec<f32>, EngineError> {
        let values = self.latent().into_data().convert::<f32>().to_vec::<f32>();
        let values = values.unwrap_or_default();
        match !values.is_empty() && values.iter().all(|x| x.is_finite()) {
            true => Ok(values),
            false => Err(EngineError::NotFinite { frame: self.index }),
        }
    }
}

pub(super) struct ModulePlayer<B: Backend = Flex>(ModuleRollout<B>);

impl<B: Backend> ModulePlayer<B> {
    pub fn new(
        world: Arc<World<B>>,
        schema: ActionSchema,
        begin: Begin,
    ) -> Result<(Self, GeneratedFrame), EngineError> {
        let player = Self(ModuleRollout::new(world, schema, &begin));
        let frame = player.show(player.0.still(), 0.0)?;
        Ok((player, frame))
    }

    pub fn answer(&mut self, request: EngineRequest) -> Result<EngineReport, EngineError> {
        let frame = match request {
            EngineRequest::Begin(begin) => {
                self.0.begin(&begin);
                self.show(self.0.still(), 0.0)?
            }
            EngineRequest::Step { action, sampler } => {
                let begun = Instant::now();
                self.0.step(&action, sampler)?;
                self.show(action, milliseconds(begun))?
            }
            EngineRequest::Leave => {
                let latent = self.0.numbers()?.into();
                return Ok(EngineReport::Left(Start::Latent(latent)));
            }
        };
        Ok(EngineReport::Frame(frame))
    }

    /// Checks the newest latent and decodes it.
    fn show(&self, action: ActionVector, denoise_ms: f64) -> Result<GeneratedFrame, EngineError> {
        let begun = Instant::now();
        self.0.numbers()?;
        let index = self.0.index();
        match self.0.world().decode(self.0.latent()).pop() {
            Some(frame) => Ok(generated(index, action, frame, denoise_ms, begun)),
            None => Err(EngineError::NotFinite { frame: index }),
        }
    }
}

fn begin_rollout<B: Backend>(world: &World<B>, schema: &ActionSchema, begin: &Begin) -> Rollout<B> {
    // [1, C, H, W]
    let latent = match &begin.start {
        Start::Picture(picture) => {
            let (width, height) = (world.config.vae.width, world.config.vae.height);
            let fitted: Frame = fit(picture, width, height);
            world.encode(&[fitted])
        }
        Start::Latent(latent) if latent.len() == latent_len(world) => {
            let [channels, height, width] = world.config.vae.latent_shape();
            let data = TensorData::new(latent.to_vec(), [1, channels, height, width]);
            Tensor::from_data(data, &world.device)
        }
        // The contexts of plans are not given to modules.
        Start::OfSeed | Start::Latent(_) | Start::Context(_) => {
            let places = world.starts.dims()[0].max(1) as u64;
            world
                .starts
                .clone()
                .narrow(0, (begin.seed % places) as usize, 1)
        }
    };
    let settings = PlaySettings {
        sampler: world.config.sampler,
        seed: begin.seed,
    };
    let actions = Tensor::zeros([1, 1, schema.len()], &world.device);
    Rollout::new(world, settings, latent.unsqueeze_dim(0), actions)
}

fn latent_len<B: Backend>(world: &World<B>) -> usize {
    world.config.vae.latent_shape().into_iter().product()
}
