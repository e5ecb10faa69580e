//! A world that its passes play, frame by frame.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use bvgdm_core::{ActionSchema, ActionVector, Frame, SamplerConfig, WorldManifest};
use bvgdm_gpu::{GpuLowering, GpuWorld, LoweringKind, Precision, Readback};
use bvgdm_plan::cpu::{CpuLowering, suited_threads};
use bvgdm_plan::{Lowering as _, Plan, Rollout, Stage, StepInput};
use clap::ValueEnum;

use crate::gpu::{self, OpenGpu};
use crate::player::not_finite;
use crate::sampling::Sampling;

/// What the passes run on, as `bvgdm bench` calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PassesEngine {
    /// The processor
    #[default]
    Cpu,
    /// Compute shaders on the GPU
    PassesCompute,
    /// Fragment shaders on the GPU
    PassesFragment,
}

/// A plan and its roll-out.
pub struct PassesPlayer {
    schema: ActionSchema,
    sampler: SamplerConfig,
    engine: Engine,
    rollout: Rollout,
}

enum Engine {
    Cpu(CpuLowering),
    Gpu(OnGpu),
}

struct OnGpu {
    lowering: GpuLowering,
    /// Of the latent and the pixels.
    readback: Readback,
    gpu: OpenGpu,
}

impl PassesPlayer {
    /// Begins at one of the world's starts.
    pub fn new(
        plan: Plan,
        manifest: &WorldManifest,
        start: usize,
        seed: u64,
        sampling: Sampling,
        engine: PassesEngine,
    ) -> Result<Self> {
        let sampler = sampling.checked(&manifest.config)?;
        let Some(latent) = plan.starts.get(start).cloned() else {
            let last = plan.starts.len().saturating_sub(1);
            bail!("--start: expected 0 to {last}, found {start}");
        };
        let plan = Arc::new(plan);
        let mut rollout = Rollout::new(plan.clone());
        let mut engine = match engine {
            PassesEngine::Cpu => Engine::Cpu(CpuLowering::new(plan, suited_threads())),
            PassesEngine::PassesCompute => OnGpu::open(LoweringKind::Compute, plan)?,
            PassesEngine::PassesFragment => OnGpu::open(LoweringKind::Fragment, plan)?,
        };
        match &mut engine {
            Engine::Cpu(lowering) => rollout.begin_in(lowering, seed, &sampler, &latent),
            Engine::Gpu(gpu) => rollout.begin_in(&mut gpu.lowering, seed, &sampler, &latent),
        }
        Ok(Self {
            schema: manifest.schema.clone(),
            sampler,
            engine,
            rollout,
        })
    }

    /// Draws the next frame.
    pub fn step(&mut self, action: &ActionVector) -> Result<Frame> {
        let values = self.schema.normalize(action);
        let (rollout, sampler) = (&mut self.rollout, &self.sampler);
        let decode = StepInput::default();
        let drawn;
        let [latent, pixels] = match &mut self.engine {
            Engine::Cpu(lowering) => {
                rollout.step(lowering, &values, sampler);
                lowering.run(Stage::Decode, &decode);
                let state = &rollout.plan().state;
                [state.last, state.pixels].map(|buffer| lowering.read(buffer))
            }
            Engine::Gpu(gpu) => {
                rollout.step(&mut gpu.lowering, &values, sampler);
                gpu.lowering.run(Stage::Decode, &decode);
                drawn = gpu.read()?;
                drawn.each_ref().map(Vec::as_slice)
            }
        };
        let finite = latent.iter().all(|value| value.is_finite());
        let picture = finite.then(|| rollout.plan().image.to_frame(pixels));
        let frame = rollout.frames().saturating_sub(1);
        picture.flatten().with_context(|| not_finite(frame))
    }
}

impl OnGpu {
    fn open(kind: LoweringKind, plan: Arc<Plan>) -> Result<Engine> {
        let gpu = gpu::open()?;
        let buffers = [plan.state.last, plan.state.pixels];
        let world = GpuWorld::new(kind, plan, &gpu.device, &gpu.queue, Precision::Half)?;
        let lowering = world.lowering();
        Ok(Engine::Gpu(Self {
            readback: lowering.readback(&buffers),
            lowering,
            gpu,
        }))
    }

    /// Latent and pixels, once all that was asked for has been drawn.
    fn read(&mut self) -> Result<[Vec<f32>; 2]> {
        self.lowering.submit();
        let OpenGpu { device, queue, .. } = &self.gpu;
        let mut encoder = device.create_command_encoder(&Default::default());
        self.lowering.copy(&mut encoder, &self.readback);
        queue.submit([encoder.finish()]);
        self.readback.fetch();
        device.poll(wgpu::PollType::wait_indefinitely())?;
        self.gpu.check()?;
        let read = self.readback.take().and_then(|read| read.try_into().ok());
        read.context("the GPU does not give its pictures back")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::plan::read_plan;

    #[test]
    fn the_shipped_world_is_the_same_on_the_processor_and_on_the_gpu() {
        if gpu::open_or_skip("the shipped world on the GPU").is_none() {
            return;
        }
        let path = Path::new("../../assets/worlds/arena.world.ron");
        let manifest = WorldManifest::load(path).unwrap();
        let play = |engine| {
            let sampling = Sampling::default();
            let plan = read_plan(path, &manifest).unwrap();
            let mut player = PassesPlayer::new(plan, &manifest, 3, 1, sampling, engine).unwrap();
            let mut held = manifest.schema.zeros();
            held.0[0] = 1.0;
            let frames = (0..6).map(|_| player.step(&held).unwrap());
            frames.flat_map(|frame| frame.rgb).collect::<Vec<u8>>()
        };
        let expected = play(PassesEngine::Cpu);
        for engine in [PassesEngine::PassesCompute, PassesEngine::PassesFragment] {
            let found = play(engine);
            assert_eq!(found.len(), expected.len());
            let off = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
            let largest = off.clone().max().unwrap();
            let mean = off.map(f64::from).sum::<f64>() / found.len() as f64;
            // The processor multiplies in whole numbers of 16 bits, the GPU has weights in f16.
            assert!(largest <= 8 && mean <= 0.2, "{engine:?}: {largest} {mean}");
        }
    }

    #[test]
    fn a_frame_that_is_no_numbers_is_named_and_not_drawn() {
        let path = Path::new("../../assets/worlds/arena.world.ron");
        let manifest = WorldManifest::load(path).unwrap();
        let plan = read_plan(path, &manifest).unwrap();
        let (sampling, engine) = (Sampling::default(), PassesEngine::Cpu);
        let mut player = PassesPlayer::new(plan, &manifest, 0, 1, sampling, engine).unwrap();
        // The latent that the next one is a residual on.
        let Engine::Cpu(lowering) = &mut player.engine else {
            unreachable!("it was asked for");
        };
        let last = player.rollout.plan().state.last;
        let nothing = vec![f32::NAN; lowering.read(last).len()];
        lowering.write(last, 0, &nothing);
        let error = player.step(&manifest.schema.zeros()).unwrap_err();
        assert!(
            error.to_string().starts_with("frame 1: expected finite"),
            "{error:#}"
        );
    }
}
