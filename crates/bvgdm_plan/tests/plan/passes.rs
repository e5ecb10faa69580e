//! What a plan is made of.

use bvgdm_model::WeightsDtype;
use bvgdm_plan::{PassKind, Plan, Stage};

use crate::world::{odd, other, plan, random_world};

/// Products of the condition in a stage.
fn modulations(plan: &Plan, stage: Stage) -> usize {
    let of_condition = |kind: &PassKind| match kind {
        PassKind::Linear(linear) => linear.input == plan.state.condition,
        _ => false,
    };
    let passes = plan.passes(stage).iter();
    passes.filter(|pass| of_condition(&pass.kind)).count()
}

#[test]
fn adaln_is_one_product_a_frame_whatever_its_steps() {
    let plan = plan(&random_world(odd), WeightsDtype::F32);
    assert_eq!(modulations(&plan, Stage::Commit), 1);
    assert_eq!(modulations(&plan, Stage::Denoise), 0);
}

/// All at once would be wider than a texture can be.
#[test]
fn adaln_that_blocks_do_not_share_is_a_product_of_each() {
    let plan = plan(&random_world(other), WeightsDtype::F32);
    let dit = &plan.config.dit;
    assert_eq!(modulations(&plan, Stage::Commit), dit.depth + 1);
    assert_eq!(modulations(&plan, Stage::Denoise), 0);
    let block = 12 * dit.hidden;
    for buffer in &plan.buffers {
        assert!(buffer.columns <= block, "{}", buffer.name);
    }
}
