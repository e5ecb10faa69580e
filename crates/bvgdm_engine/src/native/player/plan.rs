//! A world as a plan of passes.

use std::sync::Arc;
use std::time::Instant;

use bvgdm_core::{ActionSchema, ActionVector, SamplerConfig};
use bvgdm_plan::cpu::{CpuLowering, suited_threads};
use bvgdm_plan::{Lowering as _, Plan, Rollout, Stage, StepInput};

use super::{generated, milliseconds};
use crate::begin::begin_rollout;
use crate::error::EngineError;
use crate::message::{Begin, EngineReport, EngineRequest, GeneratedFrame, Start};

pub(super) struct PlanPlayer {
    schema: ActionSchema,
    lowering: CpuLowering,
    rollout: Rollout,
}

impl PlanPlayer {
    pub fn new(
        plan: Arc<Plan>,
        schema: ActionSchema,
        begin: Begin,
    ) -> Result<(Self, GeneratedFrame), EngineError> {
        let mut player = Self {
            schema,
            lowering: CpuLowering::new(plan.clone(), suited_threads()),
            rollout: Rollout::new(plan),
        };
        let frame = player.begin(&begin)?;
        Ok((player, frame))
    }

    pub fn answer(&mut self, request: EngineRequest) -> Result<EngineReport, EngineError> {
        let frame = match request {
            EngineRequest::Begin(begin) => self.begin(&begin)?,
            EngineRequest::Step { action, sampler } => self.step(action, &sampler)?,
            EngineRequest::Leave => return Ok(EngineReport::Left(self.leave())),
        };
        Ok(EngineReport::Frame(frame))
    }

    fn begin(&mut self, begin: &Begin) -> Result<GeneratedFrame, EngineError> {
        begin_rollout(&mut self.rollout, &mut self.lowering, begin)?;
        self.show(self.schema.zeros(), 0.0)
    }

    fn leave(&self) -> Start {
        Start::Context(Arc::new(self.rollout.context(self.lowering.memory())))
    }

    fn step(
        &mut self,
        action: ActionVector,
        sampler: &SamplerConfig,
    ) -> Result<GeneratedFrame, EngineError> {
        self.schema.check(&action)?;
        sampler.validate(&self.rollout.plan().config.schedule)?;
        let begun = Instant::now();
        let values = self.schema.normalize(&action);
        self.rollout.step(&mut self.lowering, &values, sampler);
        self.show(action, milliseconds(begun))
    }

    /// Checks the newest latent and decodes it.
    fn show(
        &mut self,
        action: ActionVector,
        denoise_ms: f64,
    ) -> Result<GeneratedFrame, EngineError> {
        let begun = Instant::now();
        let plan = self.rollout.plan().clone();
        let index = self.rollout.frames().saturating_sub(1);
        let latent = self.lowering.read(plan.state.last);
        if !latent.iter().all(|value| value.is_finite()) {
            return Err(EngineError::NotFinite { frame: index });
        }
        self.lowering.run(Stage::Decode, &StepInput::default());
        let drawn = self.lowering.read(plan.state.pixels);
        let frame = plan.image.to_frame(drawn);
        let frame = frame.ok_or(EngineError::NotFinite { frame: index })?;
        Ok(generated(index, action, frame, denoise_ms, begun))
    }
}
