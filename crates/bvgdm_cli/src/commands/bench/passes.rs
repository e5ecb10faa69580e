//! The plan, on the processor and on the GPU.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use bvgdm_core::{SamplerConfig, WorldManifest};
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision};
use bvgdm_plan::cpu::CpuLowering;
use bvgdm_plan::{Lowering as _, Plan, Rollout, Stage, StepInput};
use bvgdm_train::resident_memory_bytes;

use super::measure::{Measured, WARM_UP, script};
use crate::plan::read_plan;

/// Seed of the start and the noise.
const SEED: u64 = 1;

/// On the calling thread.
pub fn on_processor(world: &Path, frames: usize, steps: Option<usize>) -> Result<Measured> {
    let begin = Instant::now();
    let (manifest, plan, sampler) = load(world, steps)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut lowering = CpuLowering::new(plan.clone(), threads);
    let mut rollout = Rollout::new(plan);
    rollout.begin(&mut lowering, SEED, &sampler);
    let mut found = Measured {
        load: begin.elapsed(),
        ..Measured::default()
    };
    let held = script(&manifest.schema)?;
    for t in 0..WARM_UP + frames {
        let begin = Instant::now();
        rollout.step(&mut lowering, &held(t), &sampler);
        let denoise = begin.elapsed();
        lowering.run(Stage::Decode, &StepInput::default());
        if t >= WARM_UP {
            found.denoise.push(denoise);
            found.decode.push(begin.elapsed() - denoise);
            found.total.push(begin.elapsed());
        }
    }
    found.memory = resident_memory_bytes();
    Ok(found)
}

/// On the GPU that wgpu finds first, from the request until the GPU has finished.
pub fn on_gpu(
    kind: LoweringKind,
    world: &Path,
    frames: usize,
    steps: Option<usize>,
) -> Result<Measured> {
    let (device, queue) = open()?;
    let wait = || device.poll(wgpu::PollType::wait_indefinitely()).map(|_| ());
    let begin = Instant::now();
    let (manifest, plan, sampler) = load(world, steps)?;
    let gpu = GpuWorld::new(kind, plan.clone(), &device, &queue, Precision::Half)?;
    let mut lowering = gpu.lowering();
    let mut rollout = Rollout::new(plan);
    rollout.begin(&mut lowering, SEED, &sampler);
    lowering.submit();
    wait()?;
    let mut found = Measured {
        load: begin.elapsed(),
        pipelines: Some(gpu.pipeline_count()),
        ..Measured::default()
    };
    let held = script(&manifest.schema)?;
    for t in 0..WARM_UP.min(frames) + frames {
        let begin = Instant::now();
        rollout.step(&mut lowering, &held(t), &sampler);
        lowering.submit();
        let encode = begin.elapsed();
        wait()?;
        let denoise = begin.elapsed();
        let decoding = Instant::now();
        lowering.run(Stage::Decode, &StepInput::default());
        lowering.submit();
        let encode = encode + decoding.elapsed();
        wait()?;
        if t >= WARM_UP.min(frames) {
            found.encode.push(encode);
            found.denoise.push(denoise);
            found.decode.push(decoding.elapsed());
            found.total.push(begin.elapsed());
        }
    }
    found.memory = resident_memory_bytes();
    Ok(found)
}

fn load(world: &Path, steps: Option<usize>) -> Result<(WorldManifest, Arc<Plan>, SamplerConfig)> {
    let manifest = WorldManifest::load(world)?;
    let plan = Arc::new(read_plan(world, &manifest)?);
    let mut sampler = manifest.config.sampler;
    sampler.steps = steps.unwrap_or(sampler.steps);
    sampler.validate(&manifest.config.schedule)?;
    Ok((manifest, plan, sampler))
}

fn open() -> Result<(wgpu::Device, wgpu::Queue)> {
    futures_lite::future::block_on(async {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
        let instance = wgpu::Instance::new(descriptor);
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await
            .context("no GPU")?;
        let info = adapter.get_info();
        eprintln!("{} ({:?}, {:?})", info.name, info.device_type, info.backend);
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: adapter.limits(),
            ..Default::default()
        };
        Ok(adapter.request_device(&descriptor).await?)
    })
}
