//! A world as burn modules.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use burn_flex::Flex;
use bvgdm_core::{ActionSchema, ActionVector, Frame, SamplerConfig};
use bvgdm_model::{PlaySettings, Rollout, World};

use super::{generated, milliseconds};
use crate::engine::error::EngineError;
use crate::engine::message::{Begin, EngineRequest, GeneratedFrame, Start};
use crate::engine::picture::fit;

pub(super) struct ModulePlayer<B: Backend = Flex> {
    world: Arc<World<B>>,
    schema: ActionSchema,
    seed: u64,
    rollout: Rollout<B>,
    index: u64,
}

impl<B: Backend> ModulePlayer<B> {
    pub fn new(
        world: Arc<World<B>>,
        schema: ActionSchema,
        begin: Begin,
    ) -> Result<(Self, GeneratedFrame), EngineError> {
        let rollout = begin_rollout(&world, &schema, &begin);
        let player = Self {
            world,
            schema,
            seed: begin.seed,
            rollout,
            index: 0,
        };
        let frame = player.show(player.schema.zeros(), 0.0)?;
        Ok((player, frame))
    }

    pub fn answer(&mut self, request: EngineRequest) -> Result<GeneratedFrame, EngineError> {
        match request {
            EngineRequest::Begin(begin) => {
                self.rollout = begin_rollout(&self.world, &self.schema, &begin);
                self.seed = begin.seed;
                self.index = 0;
                self.show(self.schema.zeros(), 0.0)
            }
            EngineRequest::Step { action, sampler } => self.step(action, sampler),
        }
    }

    fn step(
        &mut self,
        action: ActionVector,
        sampler: SamplerConfig,
    ) -> Result<GeneratedFrame, EngineError> {
        self.schema.check(&action)?;
        sampler.validate(&self.world.config.schedule)?;
        let begun = Instant::now();
        self.rollout.set_settings(PlaySettings {
            sampler,
            seed: self.seed,
        });
        let values = TensorData::new(self.schema.normalize(&action), [1, 1, self.schema.len()]);
        let input = Tensor::from_data(values, &self.world.device);
        self.rollout.step(&self.world, input);
        self.index += 1;
        self.show(action, milliseconds(begun))
    }

    /// Checks the newest latent and decodes it.
    fn show(&self, action: ActionVector, denoise_ms: f64) -> Result<GeneratedFrame, EngineError> {
        let begun = Instant::now();
        let latent: Tensor<B, 4> = self.rollout.last().squeeze_dim(0);
        let values = latent.to_data().convert::<f32>();
        let finite = values
            .as_slice::<f32>()
            .is_ok_and(|v| v.iter().all(|x| x.is_finite()));
        let frame = self.world.decode(latent).pop();
        let Some(frame) = frame.filter(|_| finite) else {
            return Err(EngineError::NotFinite { frame: self.index });
        };
        Ok(generated(self.index, action, frame, denoise_ms, begun))
    }
}

fn begin_rollout<B: Backend>(world: &World<B>, schema: &ActionSchema, begin: &Begin) -> Rollout<B> {
    // [1, C, H, W]
    let latent = match &begin.start {
        Start::OfSeed => {
            let places = world.starts.dims()[0].max(1) as u64;
            world
                .starts
                .clone()
                .narrow(0, (begin.seed % places) as usize, 1)
        }
        Start::Picture(picture) => {
            let (width, height) = (world.config.vae.width, world.config.vae.height);
            let fitted: Frame = fit(picture, width, height);
            world.encode(&[fitted])
        }
    };
    let settings = PlaySettings {
        sampler: world.config.sampler,
        seed: begin.seed,
    };
    let actions = Tensor::zeros([1, 1, schema.len()], &world.device);
    Rollout::new(world, settings, latent.unsqueeze_dim(0), actions)
}
