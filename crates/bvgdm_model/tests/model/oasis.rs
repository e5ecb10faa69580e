//! Our networks against the original implementation's, on a small Oasis with random weights
//! (`tests/fixtures/oasis_tiny`: weights, inputs and outputs, computed by open-oasis in f32).

use burn::tensor::Tensor;
use bvgdm_core::{Schedule, WorldConfig};
use bvgdm_model::import::{OasisFiles, import_oasis, oasis_config};
use bvgdm_model::{DitInput, NaiveRollout, PlaySettings, Rollout, Sight, WeightsDtype, World};

use crate::fixtures::{Outputs, assert_near, fixture};
use crate::{B, max_difference};

/// The world that the importer makes of the fixture.
fn world() -> World<B> {
    let folder = tempfile::tempdir().unwrap();
    let files = OasisFiles {
        dit: fixture("oasis_tiny/dit.safetensors"),
        vae: fixture("oasis_tiny/vae.safetensors"),
        out: folder.path().join("tiny.world.ron"),
    };
    import_oasis(&files, &config(), WeightsDtype::F32).unwrap();
    World::load(&files.out, &Default::default()).unwrap().0
}

fn config() -> WorldConfig {
    oasis_config(Some(&fixture("oasis_tiny/config.json"))).unwrap()
}

#[test]
fn vae_gives_what_the_original_gives() {
    let (world, io) = (world(), Outputs::read("oasis_tiny"));
    let posterior = world.vae.posterior(io.tensor("vae.image"));
    // The original lists tokens first, then channels.
    let tokens = |x: Tensor<B, 4>| x.reshape([2, 4, 48]).swap_dims(1, 2);
    assert_near(
        "mean",
        tokens(posterior.mean.clone()),
        &io.values("vae.mean"),
    );
    assert_near("logvar", tokens(posterior.logvar), &io.values("vae.logvar"));
    let decoded = world.vae.decode_unscaled(posterior.mean) * 2.0 - 1.0;
    assert_near("decoded", decoded, &io.values("vae.decoded"));
}

#[test]
fn dit_gives_what_the_original_gives() {
    let (world, io) = (world(), Outputs::read("oasis_tiny"));
    let input = DitInput {
        x: io.tensor("dit.x"),
        previous: None,
        timestep: io.tensor("dit.t"),
        actions: io.tensor("dit.actions"),
    };
    let sight = Sight::banded(4, 6, 16, 10_000.0, &world.device);
    let v = world.dit.forward(input, &sight, None).prediction;
    assert_near("v", v, &io.values("dit.v"));
}

#[test]
fn every_alpha_of_the_schedule_is_the_original_s() {
    let schedule = Schedule::new(&config().schedule);
    let expected = Outputs::read("oasis_tiny");
    let difference = max_difference(
        schedule.alphas_cumprod(),
        &expected.values("schedule.alphas_cumprod"),
    );
    assert!(difference <= 1e-6, "{difference}");
}

#[test]
fn rollout_is_the_original_s_with_and_without_cache_before_and_after_the_window_slides() {
    let (world, io) = (world(), Outputs::read("oasis_tiny"));
    let settings = PlaySettings {
        sampler: config().sampler,
        seed: 0,
    };
    let latents = io.tensor::<5>("sample.latents");
    let actions = io.tensor::<3>("sample.actions");
    let noise = io.tensor::<6>("sample.noise");
    let first = world
        .vae
        .encode(io.tensor::<5>("sample.prompt").squeeze_dim(1))
        .unsqueeze_dim(1);
    let start = |i: usize| actions.clone().narrow(1, i, 1);
    assert_near(
        "prompt",
        first.clone(),
        &values(latents.clone().narrow(1, 0, 1)),
    );

    let mut cached = Rollout::new(&world, settings, first.clone(), start(0));
    let mut naive = NaiveRollout::new(settings, first, start(0));
    for i in 1..9 {
        let expected = values(latents.clone().narrow(1, i, 1));
        let noise = noise.clone().narrow(0, i, 1).squeeze_dim::<5>(0);
        let drawn = cached.step_from(&world, start(i), noise.clone());
        assert_near(&format!("cached frame {i}"), drawn.clone(), &expected);
        let frame = world.vae.decode(drawn.squeeze_dim(1)).clamp(0.0, 1.0);
        let expected_frame = values(io.tensor::<4>("sample.frames").narrow(0, i, 1));
        assert_near(&format!("picture {i}"), frame, &expected_frame);
        let drawn = naive.step_from(&world, start(i), noise);
        assert_near(&format!("naive frame {i}"), drawn, &expected);
    }
}

fn values<const D: usize>(tensor: Tensor<B, D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().to_vec().unwrap()
}
