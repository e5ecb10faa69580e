//! What a configuration is said to cost, against the passes that are run.

use bvgdm_core::{Cost, preset};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::Stage;

use crate::world::{plan, random_world};

#[test]
fn a_frame_costs_what_its_passes_cost() {
    let plan = plan(&random_world(|_| ()), WeightsDtype::F32);
    let flop = |stage: Stage| {
        let passes = plan.passes(stage).iter();
        passes.map(|pass| plan.cost(pass, 4).flop).sum::<u64>()
    };
    let config = preset("arena").unwrap();
    for steps in [1, 2, 3] {
        let again = (steps as u64 - 1) * flop(Stage::Denoise);
        let run = flop(Stage::Commit) + again + flop(Stage::Decode);
        let said = Cost::of(&config).play(&config, steps).total_flop();
        // The condition's own few layers are no passes.
        let off = said as f64 / run as f64 - 1.0;
        assert!(off.abs() < 0.005, "{steps} passes: {said}, run {run}");
    }
}
