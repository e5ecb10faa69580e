//! Roll-outs that go on elsewhere.

use bvgdm_core::{WorldConfig, standard_normal};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::cpu::CpuLowering;
use bvgdm_plan::{Context, PlanError, Rollout};

use crate::world::{odd, other, plan, random_world};

fn memory(cpu: &CpuLowering, rollout: &Rollout) -> Context {
    rollout.context(cpu.memory())
}

/// After any number of frames, another lowering draws the next ones as the first would have.
fn goes_on(change: impl Fn(&mut WorldConfig)) {
    let plan = plan(&random_world(change), WeightsDtype::F32);
    let (sampler, actions) = (plan.config.sampler, plan.config.dit.actions);
    let action = |frame| standard_normal(1, frame, actions, 2.0);
    let mut cpu = CpuLowering::new(plan.clone(), 1);
    let mut rollout = Rollout::new(plan.clone());
    rollout.begin(&mut cpu, 3, &sampler);
    for frame in 0..6 {
        let mut fresh = CpuLowering::new(plan.clone(), 1);
        let mut resumed = Rollout::new(plan.clone());
        let context = memory(&cpu, &rollout);
        resumed.resume(&mut fresh, &context).unwrap();
        for (rollout, cpu) in [(&mut rollout, &mut cpu), (&mut resumed, &mut fresh)] {
            rollout.step(cpu, &action(frame), &sampler);
        }
        assert_eq!(memory(&cpu, &rollout), memory(&fresh, &resumed), "{frame}");
        assert_eq!(resumed.frames(), frame + 2);
    }
}

#[test]
fn a_roll_out_goes_on_in_another_lowering_as_if_nothing_had_happened() {
    goes_on(odd);
    goes_on(other);
}

#[test]
fn a_context_of_another_world_is_refused() {
    let [odd, other] = [
        plan(&random_world(odd), WeightsDtype::F32),
        plan(&random_world(other), WeightsDtype::F32),
    ];
    let cpu = CpuLowering::new(odd.clone(), 1);
    let context = memory(&cpu, &Rollout::new(odd));
    let mut rollout = Rollout::new(other.clone());
    let error = rollout.resume(&mut CpuLowering::new(other, 1), &context);
    assert!(matches!(error, Err(PlanError::Context { .. })), "{error:?}");
}
