//! Where a frame's time goes: what each kind of pass takes, one after the other.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision};
use bvgdm_plan::cpu::{CpuLowering, suited_threads};
use bvgdm_plan::{BufferId, Lowering, Plan, Rollout, Stage, StepInput};

use super::measure::script;
use super::passes::{SEED, load};
use crate::gpu::OpenGpu;

/// Kinds of passes, and of each how many there are a frame and the ms that all of them take.
pub type Kinds = Vec<(&'static str, usize, f64)>;

/// Counts of passes, and ms.
type Took = BTreeMap<&'static str, (usize, f64)>;

/// On the processor.
pub fn on_processor(world: &Path, frames: usize, steps: Option<usize>) -> Result<Kinds> {
    let (manifest, plan, sampler) = load(world, steps)?;
    let mut lowering = Timed {
        cpu: CpuLowering::new(plan.clone(), suited_threads()),
        plan: plan.clone(),
        took: Took::new(),
    };
    let mut rollout = Rollout::new(plan);
    rollout.begin(&mut lowering, SEED, &sampler);
    let schema = &manifest.schema;
    let held = script(schema);
    for t in 0..=frames {
        // The first puts the weights in order.
        if t == 1 {
            lowering.took.clear();
        }
        rollout.step(&mut lowering, &schema.normalize(&held(t)), &sampler);
        lowering.run(Stage::Decode, &StepInput::default());
    }
    Ok(a_frame(lowering.took, frames))
}

/// The processor, with a clock.
struct Timed {
    cpu: CpuLowering,
    plan: Arc<Plan>,
    took: Took,
}

impl Lowering for Timed {
    fn write(&mut self, buffer: BufferId, first_row: usize, values: &[f32]) {
        self.cpu.write(buffer, first_row, values);
    }

    fn run(&mut self, stage: Stage, input: &StepInput) {
        let (passes, took) = (self.plan.passes(stage), &mut self.took);
        let mut begin = Instant::now();
        self.cpu.run_each(stage, input, |_, i| {
            add(took, passes[i].kind.name(), begin);
            begin = Instant::now();
        });
    }
}

/// On a GPU, where each pass is waited for.
pub fn on_gpu(
    gpu: &OpenGpu,
    kind: LoweringKind,
    world: &Path,
    frames: usize,
    steps: Option<usize>,
) -> Result<Kinds> {
    let (manifest, plan, sampler) = load(world, steps)?;
    let OpenGpu { device, queue, .. } = gpu;
    let passes = GpuWorld::new(kind, plan.clone(), device, queue, Precision::Half)?;
    let mut lowering = passes.lowering();
    let mut rollout = Rollout::new(plan.clone());
    rollout.begin(&mut lowering, SEED, &sampler);
    let schema = &manifest.schema;
    let held = script(schema);
    let mut took = Took::new();
    for t in 0..frames {
        rollout.step(&mut lowering, &schema.normalize(&held(t)), &sampler);
        lowering.run(Stage::Decode, &StepInput::default());
        while let Some((stage, pass)) = lowering.next_pass() {
            let pass = plan.passes(stage).get(pass);
            let begin = Instant::now();
            let mut encoder = device.create_command_encoder(&Default::default());
            lowering.encode(&mut encoder, 1);
            queue.submit([encoder.finish()]);
            device.poll(wgpu::PollType::wait_indefinitely())?;
            add(&mut took, pass.map_or("", |pass| pass.kind.name()), begin);
        }
    }
    gpu.check()?;
    Ok(a_frame(took, frames))
}

fn add(took: &mut Took, kind: &'static str, begin: Instant) {
    let (count, ms) = took.entry(kind).or_default();
    *count += 1;
    *ms += begin.elapsed().as_secs_f64() * 1e3;
}

fn a_frame(took: Took, frames: usize) -> Kinds {
    let a_frame = |(kind, (count, ms))| (kind, count / frames, ms / frames as f64);
    took.into_iter().map(a_frame).collect()
}
