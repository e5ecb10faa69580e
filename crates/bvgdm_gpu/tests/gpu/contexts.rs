//! A roll-out goes on in another lowering without a jump.

use bvgdm_core::standard_normal;
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::Rollout;
use bvgdm_plan::cpu::{CpuLowering, Products};

use crate::device::{open, read_buffers};
use crate::world::{odd, plan, random_world};

/// From the processor to each kind of passes, on to the other kind and back to the processor: the
/// latent is that of a processor that was never left.
#[test]
fn a_roll_out_goes_from_lowering_to_lowering_and_draws_the_same() {
    let Some((device, queue)) = open("contexts") else {
        return;
    };
    let world = random_world(|config| {
        odd(config);
        config.sampler.steps = 3;
    });
    let plan = plan(&world, WeightsDtype::F32);
    let (sampler, actions) = (plan.config.sampler, plan.config.dit.actions);
    let buffers = plan.memory();
    let action = |frame| standard_normal(1, frame, actions, 2.0);
    let mut cpu = CpuLowering::with_products(plan.clone(), 1, Products::Single);
    let mut expected = Rollout::new(plan.clone());
    expected.begin(&mut cpu, 3, &sampler);
    for frame in 0..5 {
        expected.step(&mut cpu, &action(frame), &sampler);
    }
    let mut context = expected.context(cpu.memory());
    let kinds = [
        LoweringKind::Compute,
        LoweringKind::Fragment,
        LoweringKind::Compute,
    ];
    for (frame, kind) in (5..).zip(kinds) {
        let world = GpuWorld::new(kind, plan.clone(), &device, &queue, Precision::Single);
        let mut gpu = world.unwrap().lowering();
        let mut rollout = Rollout::new(plan.clone());
        rollout.resume(&mut gpu, &context).unwrap();
        rollout.step(&mut gpu, &action(frame), &sampler);
        gpu.submit();
        context = rollout.context(read_buffers((&device, &queue), &gpu, &buffers).concat());
        expected.step(&mut cpu, &action(frame), &sampler);
    }
    let mut back = CpuLowering::with_products(plan.clone(), 1, Products::Single);
    let mut rollout = Rollout::new(plan.clone());
    rollout.resume(&mut back, &context).unwrap();
    rollout.step(&mut back, &action(8), &sampler);
    expected.step(&mut cpu, &action(8), &sampler);
    assert_eq!(rollout.frames(), expected.frames());
    let pairs = back
        .read(plan.state.last)
        .iter()
        .zip(cpu.read(plan.state.last));
    let mut differences = pairs.map(|(a, b)| (a - b).abs());
    // A number that is none is not below it.
    assert!(differences.all(|difference| difference < 1e-3));
}
