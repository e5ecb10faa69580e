//! Worlds on devices that have little.

use bvgdm_core::{VaeNetwork, standard_normal};
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision, Threads, Tuning};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::Lowering as _;

use crate::device::{open_with, read_buffers};
use crate::world::{odd, plan, random_world};

#[test]
fn scores_that_are_wider_than_a_texture_are_refused_by_name() {
    let Some((device, queue)) = open_with("scores", |limits| {
        limits.max_texture_dimension_2d = 1024;
    }) else {
        return;
    };
    let world = random_world(|config| {
        odd(config);
        // Nine heads, each with the scores of 512 cells in 128 texels.
        (config.vae.width, config.vae.height) = (128, 64);
        if let VaeNetwork::Vit(vit) = &mut config.vae.network {
            (vit.decoder.heads, vit.decoder.rope_dims) = (9, 2);
        }
    });
    let plan = plan(&world, WeightsDtype::F32);
    let kind = LoweringKind::Fragment;
    let made = GpuWorld::new(kind, plan, &device, &queue, Precision::Single);
    let error = made.err().unwrap().to_string();
    assert!(
        error.contains("the scores of decoder 0 attention")
            && error.contains("1152")
            && error.contains("1024"),
        "{error}"
    );
}

#[test]
fn more_workgroups_than_a_device_takes_are_refused_before_anything_is_made() {
    let Some((device, queue)) = open_with("workgroups", |limits| {
        limits.max_compute_workgroups_per_dimension = 3;
    }) else {
        return;
    };
    let plan = plan(&random_world(odd), WeightsDtype::F32);
    let tuning = Tuning {
        threads: Threads::Sharing,
        ..Tuning::from(Precision::Single)
    };
    let kind = LoweringKind::Compute;
    let made = GpuWorld::new(kind, plan, &device, &queue, tuning);
    let error = made.err().unwrap().to_string();
    assert!(error.contains("workgroups of"), "{error}");
}

#[test]
fn memory_that_no_buffer_could_hold_at_once_is_read_back() {
    const LARGEST: u64 = 1 << 18;
    let Some((device, queue)) = open_with("memory", |limits| {
        limits.max_buffer_size = LARGEST;
    }) else {
        return;
    };
    let world = random_world(|config| {
        odd(config);
        config.dit.window = 31;
    });
    let plan = plan(&world, WeightsDtype::F32);
    let memory = plan.memory();
    let numbers = |id| plan.buffer(id).rows * plan.buffer(id).columns;
    let all: usize = memory.iter().map(|&id| numbers(id)).sum();
    assert!(4 * all as u64 > LARGEST, "{all} numbers fit into one");
    for kind in [LoweringKind::Compute, LoweringKind::Fragment] {
        let world = GpuWorld::new(kind, plan.clone(), &device, &queue, Precision::Single);
        let mut lowering = world.unwrap().lowering();
        let values = memory.iter().map(|&id| {
            let values = standard_normal(id.0 as u64, 0, numbers(id), 3.0);
            lowering.write(id, 0, &values);
            values
        });
        let written: Vec<_> = values.collect();
        let found = read_buffers((&device, &queue), &lowering, &memory);
        assert!(written == found, "{}", kind.name());
    }
}
