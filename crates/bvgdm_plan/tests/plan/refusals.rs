//! What has no plan is refused by name.

use burn::tensor::Tensor;
use bvgdm_core::{SlidingWindow, WorldManifest};
use bvgdm_model::WeightsDtype;
use bvgdm_plan::{Plan, WeightsFile};

use crate::world::{files, odd, random_world};

fn refusal(change: impl Fn(&mut WorldManifest), bytes: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let (mut manifest, weights) = files(&random_world(odd), WeightsDtype::F32);
    change(&mut manifest);
    let weights = bytes(weights);
    let plan = WeightsFile::parse(&manifest, &weights).and_then(|w| Plan::new(&manifest, &w));
    plan.unwrap_err().to_string()
}

#[test]
fn a_window_that_is_computed_afresh_is_left_to_other_engines() {
    let error = refusal(|m| m.config.dit.sliding = SlidingWindow::Recomputed, |b| b);
    assert!(
        error.contains("dit.sliding") && error.contains("Recomputed"),
        "{error}"
    );
}

#[test]
fn tensors_of_another_size_are_named() {
    let error = refusal(|m| m.config.dit.mlp_ratio = 3.0, |b| b);
    assert!(
        error.contains("t_mlp.fc1.weight") && error.contains("[40, 120]"),
        "{error}"
    );
}

#[test]
fn missing_tensors_are_named() {
    let error = refusal(|m| m.config.dit.depth = 3, |b| b);
    assert!(error.contains("dit.blocks.2"), "{error}");
}

#[test]
fn a_world_without_a_place_to_begin_in_is_refused() {
    let mut world = random_world(odd);
    let [_, channels, height, width] = world.starts.dims();
    world.starts = Tensor::zeros([0, channels, height, width], &world.device);
    let (manifest, bytes) = files(&world, WeightsDtype::F32);
    let weights = WeightsFile::parse(&manifest, &bytes).unwrap();
    let error = Plan::new(&manifest, &weights).unwrap_err().to_string();
    assert!(
        error.contains("start.latents") && error.contains("1 or more"),
        "{error}"
    );
}

#[test]
fn numbers_that_are_none_are_found() {
    let nan = |mut bytes: Vec<u8>| {
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        bytes
    };
    let error = refusal(|_| {}, nan);
    assert!(error.contains("finite"), "{error}");
}

#[test]
fn no_cut_or_changed_file_makes_it_panic() {
    for cut in (0..4000).step_by(37) {
        refusal(
            |_| {},
            |mut bytes| {
                bytes.truncate(cut);
                bytes
            },
        );
    }
}
