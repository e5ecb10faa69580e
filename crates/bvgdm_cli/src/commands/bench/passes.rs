//! The plan, on the processor and on the GPU.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use bvgdm_core::{SamplerConfig, WorldManifest};
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision};
use bvgdm_plan::cpu::{CpuLowering, suited_threads};
use bvgdm_plan::{Lowering as _, Plan, Rollout, Stage, StepInput};

use super::measure::{Measured, Took, script};
use crate::gpu::OpenGpu;
use crate::plan::read_plan;
use crate::sampling::Sampling;

/// Seed of the start and the noise.
pub(super) const SEED: u64 = 1;

/// On the calling thread.
pub fn on_processor(world: &Path, frames: usize, steps: Option<usize>) -> Result<Measured> {
    let begin = Instant::now();
    let (manifest, plan, sampler) = load(world, steps)?;
    let mut lowering = CpuLowering::new(plan.clone(), suited_threads());
    let mut rollout = Rollout::new(plan.clone());
    rollout.begin(&mut lowering, SEED, &sampler);
    let stages = stages(sampler.steps);
    let mut found = Measured {
        load: begin.elapsed(),
        passes: Some(stages.iter().map(|(s, n)| n * plan.passes(*s).len()).sum()),
        bytes: Some(bytes(&plan, &stages, lowering.bytes_of_a_weight())),
        ..Measured::default()
    };
    let schema = &manifest.schema;
    let held = script(schema);
    found.play(
        frames,
        || None,
        |t| {
            let begin = Instant::now();
            rollout.step(&mut lowering, &schema.normalize(&held(t)), &sampler);
            let denoise = begin.elapsed();
            lowering.run(Stage::Decode, &StepInput::default());
            Ok(Took {
                denoise,
                decode: begin.elapsed() - denoise,
                encode: None,
            })
        },
    )?;
    Ok(found)
}

/// On a GPU, from the request until it has finished.
pub fn on_gpu(
    gpu: &OpenGpu,
    kind: LoweringKind,
    world: &Path,
    frames: usize,
    steps: Option<usize>,
) -> Result<Measured> {
    let OpenGpu { device, queue, .. } = gpu;
    let wait = || device.poll(wgpu::PollType::wait_indefinitely()).map(|_| ());
    let begin = Instant::now();
    let (manifest, plan, sampler) = load(world, steps)?;
    let passes = GpuWorld::new(kind, plan.clone(), device, queue, Precision::Half)?;
    let mut lowering = passes.lowering();
    let mut rollout = Rollout::new(plan.clone());
    rollout.begin(&mut lowering, SEED, &sampler);
    lowering.submit();
    wait()?;
    let stages = stages(sampler.steps);
    let mut found = Measured {
        load: begin.elapsed(),
        pipelines: Some(passes.pipeline_count()),
        passes: Some(stages.iter().map(|(s, n)| n * passes.draw_count(*s)).sum()),
        bytes: Some(bytes(&plan, &stages, Precision::Half.bytes())),
        ..Measured::default()
    };
    let schema = &manifest.schema;
    let held = script(schema);
    let step = |t| {
        let begin = Instant::now();
        rollout.step(&mut lowering, &schema.normalize(&held(t)), &sampler);
        lowering.submit();
        let encode = begin.elapsed();
        wait()?;
        let denoise = begin.elapsed();
        let decoding = Instant::now();
        lowering.run(Stage::Decode, &StepInput::default());
        lowering.submit();
        let encode = Some(encode + decoding.elapsed());
        wait()?;
        Ok(Took {
            denoise,
            decode: decoding.elapsed(),
            encode,
        })
    };
    let report = || device.generate_allocator_report();
    found.play(frames, || Some(report()?.total_allocated_bytes), step)?;
    gpu.check()?;
    Ok(found)
}

/// The stages of a generated frame, and how often each runs.
fn stages(steps: usize) -> [(Stage, usize); 4] {
    [
        (Stage::Commit, 1),
        (Stage::Denoise, steps.saturating_sub(1)),
        (Stage::Advance, 1),
        (Stage::Decode, 1),
    ]
}

/// Bytes that these stages read and write, with weights of `weight_bytes` a number.
fn bytes(plan: &Plan, stages: &[(Stage, usize)], weight_bytes: usize) -> u64 {
    let stage = |&(stage, count): &(Stage, usize)| {
        let passes = plan.passes(stage).iter();
        let bytes = passes.map(|pass| plan.cost(pass, weight_bytes).bytes);
        bytes.sum::<u64>() * count as u64
    };
    stages.iter().map(stage).sum()
}

pub(super) fn load(
    world: &Path,
    steps: Option<usize>,
) -> Result<(WorldManifest, Arc<Plan>, SamplerConfig)> {
    let manifest = WorldManifest::load(world)?;
    let plan = Arc::new(read_plan(world, &manifest)?);
    let sampler = Sampling::of_steps(steps).checked(&manifest.config)?;
    Ok((manifest, plan, sampler))
}
