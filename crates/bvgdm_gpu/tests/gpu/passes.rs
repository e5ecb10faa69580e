//! Each pass writes what the same pass writes on the processor.

use std::collections::BTreeMap;
use std::sync::Arc;

use bvgdm_core::{WorldConfig, standard_normal};
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision, Threads, Tuning};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::cpu::{CpuLowering, Products};
use bvgdm_plan::{BufferId, Lowering as _, PassKind, Plan, Stage, StepInput};

use crate::device::{name, open, open_with, read_buffers};
use crate::world::{odd, other, plan, random_world};

fn compare(test: &str, change: impl Fn(&mut WorldConfig)) {
    let plan = plan(&random_world(change), WeightsDtype::F32);
    let slot = 2 % (plan.config.dit.window + 1);
    compare_on(test, open(test), plan, [slot, 2]);
}

/// Fills all buffers alike, runs every stage of a frame in this slot with so many cached ones, and compares
/// every buffer after each of its passes.
fn compare_on(
    test: &str,
    device: Option<(wgpu::Device, wgpu::Queue)>,
    plan: Arc<Plan>,
    [slot, cached]: [usize; 2],
) {
    let Some((device, queue)) = device else {
        return;
    };
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
        slot,
        cached,
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
            let output = passes[i].kind.output();
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
fn rows_far_from_zero_are_normed_as_the_processor_norms_them() {
    let mut plan = Arc::unwrap_or_clone(plan(&random_world(odd), WeightsDtype::F32));
    for stage in [Stage::Commit, Stage::Denoise, Stage::Decode] {
        // What the first product writes stays in the residual stream to the end.
        let first = plan.passes(stage).iter().find_map(|pass| match &pass.kind {
            PassKind::Linear(linear) if !linear.every_step => linear.bias,
            _ => None,
        });
        let bias = &mut plan.tables[first.unwrap().0].values;
        bias.iter_mut().for_each(|value| *value += 100.0);
    }
    let test = "far from zero";
    compare_on(test, open(test), Arc::new(plan), [2, 2]);
}

#[test]
fn weights_and_rings_of_more_rows_than_a_texture_has_lines_are_folded() {
    const SIDE: u32 = 1024;
    let world = random_world(|config| {
        odd(config);
        config.vae.width = 48;
        (config.dit.hidden, config.dit.mlp_ratio) = (80, 14.3);
        config.dit.window = 199;
    });
    let plan = plan(&world, WeightsDtype::F32);
    let weights = plan.tables.iter().filter(|table| table.weight);
    assert!(weights.map(|table| table.rows).max() > Some(SIDE as usize));
    let tokens = plan.config.dit.tokens();
    // Rows are dealt out to two layers.
    assert!(tokens % 4 == 2 && 200 * tokens / 2 > SIDE as usize);
    // The first slot of the second fold: the frame before is in the first one, as are most that are seen.
    let slot = SIDE as usize / (tokens / 2);
    let test = "folded";
    let small = open_with(test, |limits| limits.max_texture_dimension_2d = SIDE);
    compare_on(test, small, plan, [slot, 150]);
}

#[test]
fn passes_of_other_kinds_write_what_the_processor_writes() {
    compare("other", other);
}
