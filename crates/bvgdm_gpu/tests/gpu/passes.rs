//! Each pass writes what the same pass writes on the processor.

use std::collections::BTreeMap;

use bvgdm_core::{WorldConfig, standard_normal};
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision, Threads, Tuning};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::cpu::{CpuLowering, Products};
use bvgdm_plan::{BufferId, Lowering as _, Pass, PassKind, Plan, Stage, StepInput, Target};

use crate::device::{name, open, read_buffers};
use crate::world::{odd, other, plan, random_world};

/// Fills all buffers alike, runs every stage, and compares every buffer after each of its passes.
fn compare(test: &str, change: impl Fn(&mut WorldConfig)) {
    let Some((device, queue)) = open(test) else {
        return;
    };
    let plan = plan(&random_world(change), WeightsDtype::F32);
    let mut lowerings = [
        ("compute, sharing", LoweringKind::Compute, Threads::Sharing),
        ("compute, alone", LoweringKind::Compute, Threads::Alone),
        ("fragment", LoweringKind::Fragment, Threads::Suited),
    ]
    .map(|(name, kind, threads)| {
        let tuning = Tuning {
            threads,
            ..Precision::Single.into()
        };
        let world = GpuWorld::new(kind, plan.clone(), &device, &queue, tuning);
        (name, world.unwrap().lowering())
    });
    let mut cpu = CpuLowering::with_products(plan.clone(), 1, Products::Single);
    for (i, buffer) in plan.buffers.iter().enumerate() {
        let values = standard_normal(i as u64, 0, buffer.rows * buffer.columns, 3.0);
        cpu.write(BufferId(i), 0, &values);
        for (_, lowering) in &mut lowerings {
            lowering.write(BufferId(i), 0, &values);
        }
    }
    let input = StepInput {
        step: 1,
        steps: 2,
        slot: 2 % (plan.config.dit.window + 1),
        cached: 2,
        update: [0.3, -0.7, 1.1],
        context: [0.9, 0.2],
    };
    let mut worst: BTreeMap<(&str, &str), f32> = BTreeMap::new();
    for stage in Stage::ALL {
        for (_, lowering) in &mut lowerings {
            lowering.run(stage, &input);
        }
        let passes = plan.passes(stage);
        cpu.run_each(stage, &input, |cpu, i| {
            let output = output(&passes[i]);
            let kind = passes[i].kind.name();
            for (lowering, gpu) in &mut lowerings {
                let left = passes.len() - i;
                assert_eq!(gpu.next_stage(), Some((stage, left)));
                let mut encoder = device.create_command_encoder(&Default::default());
                assert_eq!(gpu.encode(&mut encoder, 1), left - 1);
                queue.submit([encoder.finish()]);
                let found = &read_buffers((&device, &queue), gpu, &[output])[0];
                let difference = difference(&plan, output, cpu.read(output), found);
                let worst = worst.entry((*lowering, kind)).or_default();
                *worst = worst.max(difference);
                assert!(
                    difference <= 1e-3,
                    "{test}, {lowering}, {stage:?} {}: {difference}",
                    passes[i].label
                );
            }
        });
    }
    println!("{test}: {worst:?}");
}

/// Largest difference, as a share of the buffer's spread.
fn difference(plan: &Plan, id: BufferId, expected: &[f32], found: &[f32]) -> f32 {
    assert_eq!(expected.len(), found.len(), "{}", name(plan, id));
    let scale = expected.iter().fold(1.0f32, |a, b| a.max(b.abs()));
    let pairs = expected.iter().zip(found);
    // NaN is a difference too.
    let worst = |a: f32, b: f32| if b.is_nan() { f32::INFINITY } else { a.max(b) };
    pairs.map(|(a, b)| (a - b).abs() / scale).fold(0.0, worst)
}

fn output(pass: &Pass) -> BufferId {
    match &pass.kind {
        PassKind::Assemble(p) => p.output,
        PassKind::Linear(p) => match p.output {
            Target::Rows(buffer) | Target::Ring(buffer) => buffer,
        },
        PassKind::Spatial(p) => p.output,
        PassKind::Temporal(p) => p.output,
        PassKind::Combine(p) => p.output,
    }
}

#[test]
fn passes_of_odd_sizes_write_what_the_processor_writes() {
    compare("odd", odd);
}

#[test]
fn passes_of_even_sizes_write_what_the_processor_writes() {
    compare("even", |config| {
        odd(config);
        config.vae.width = 48;
    });
}

#[test]
fn passes_of_other_kinds_write_what_the_processor_writes() {
    compare("other", other);
}
