//! A world that the passes on the processor play, frame by frame.

use std::sync::Arc;

use anyhow::{Result, bail};
use bvgdm_core::{ActionSchema, ActionVector, Frame, SamplerConfig, WorldManifest};
use bvgdm_plan::cpu::CpuLowering;
use bvgdm_plan::{Lowering as _, Plan, Rollout, Stage, StepInput};

use crate::sampling::Sampling;

/// A plan and its roll-out.
pub struct PassesPlayer {
    schema: ActionSchema,
    sampler: SamplerConfig,
    lowering: CpuLowering,
    rollout: Rollout,
}

impl PassesPlayer {
    /// Begins at one of the world's starts.
    pub fn new(
        plan: Plan,
        manifest: &WorldManifest,
        start: usize,
        seed: u64,
        sampling: Sampling,
    ) -> Result<Self> {
        let sampler = sampling.of(manifest.config.sampler);
        sampler.validate(&manifest.config.schedule)?;
        let Some(latent) = plan.starts.get(start).cloned() else {
            let last = plan.starts.len().saturating_sub(1);
            bail!("--start: expected 0 to {last}, found {start}");
        };
        let plan = Arc::new(plan);
        let mut lowering = CpuLowering::new(
            plan.clone(),
            std::thread::available_parallelism().map_or(1, usize::from),
        );
        let mut rollout = Rollout::new(plan);
        rollout.begin_in(&mut lowering, seed, &sampler, &latent);
        Ok(Self {
            schema: manifest.schema.clone(),
            sampler,
            lowering,
            rollout,
        })
    }

    /// Draws the next frame.
    pub fn step(&mut self, action: &ActionVector) -> Result<Frame> {
        let values = self.schema.normalize(action);
        self.rollout
            .step(&mut self.lowering, &values, &self.sampler);
        let plan = self.rollout.plan();
        let latent = self.lowering.read(plan.state.last);
        if !latent.iter().all(|value| value.is_finite()) {
            bail!("expected finite numbers from the network, found NaN or infinity");
        }
        self.lowering.run(Stage::Decode, &StepInput::default());
        let pixels = self.lowering.read(plan.state.pixels);
        let (width, height) = (plan.image.width, plan.image.height);
        Ok(Frame::from_hwc(
            width,
            height,
            &plan.image.to_pixels(pixels),
        ))
    }
}
