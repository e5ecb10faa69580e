//! Whole frames: the same latents and pixels from the same noise.

use burn::tensor::{Tensor, TensorData};
use burn_flex::{Flex, FlexDevice};
use bvgdm_core::{WorldConfig, standard_normal};
use bvgdm_model::{PlaySettings, Rollout as BurnRollout, WeightsDtype, World};
use bvgdm_plan::cpu::{CpuLowering, Products};
use bvgdm_plan::{Lowering as _, Rollout, Stage, StepInput};

use crate::world::{odd, other, plan, random_world};

/// Largest differences of latents and of pixels over `frames` generated frames.
fn differences(world: &World<Flex>, frames: usize, threads: usize, products: Products) -> [f32; 2] {
    let plan = plan(world, WeightsDtype::F32);
    let mut cpu = CpuLowering::with_products(plan.clone(), threads, products);
    let mut rollout = Rollout::new(plan.clone());
    let sampler = world.config.sampler;
    let seed = 7;
    rollout.begin(&mut cpu, seed, &sampler);
    let start = world.starts.clone().narrow(0, seed as usize % 3, 1);
    let actions = world.config.dit.actions;
    let still = Tensor::zeros([1, 1, actions], &FlexDevice);
    let settings = PlaySettings { sampler, seed };
    let mut expected = BurnRollout::new(world, settings, start.unsqueeze_dim(0), still);
    let mut largest = [0.0f32; 2];
    for frame in 0..frames {
        let action = standard_normal(1, frame as u64, actions, 2.0);
        rollout.step(&mut cpu, &action, &sampler);
        cpu.run(Stage::Decode, &StepInput::default());
        let data = TensorData::new(action, [1, 1, actions]);
        let latent = expected.step(world, Tensor::from_data(data, &FlexDevice));
        let found = plan.to_latent(cpu.read(plan.state.last));
        largest[0] = largest[0].max(difference(&found, latent.clone()));
        let pixels = world
            .vae
            .decode(latent.squeeze_dim(1))
            .permute([0, 2, 3, 1]);
        let found = plan.image.to_pixels(cpu.read(plan.state.pixels));
        largest[1] = largest[1].max(difference(&found, pixels));
    }
    largest
}

fn difference<const D: usize>(found: &[f32], expected: Tensor<Flex, D>) -> f32 {
    let expected = expected.into_data();
    let expected = expected.as_slice::<f32>().unwrap();
    assert_eq!(found.len(), expected.len());
    assert!(expected.iter().any(|x| x.abs() > 0.1), "not just nothing");
    let pairs = found.iter().zip(expected);
    let differences = pairs.map(|(a, b)| (a - b).abs());
    let differences = differences.map(|d| if d.is_nan() { f32::INFINITY } else { d });
    differences.fold(0.0, f32::max)
}

fn agrees(name: &str, change: impl Fn(&mut WorldConfig), frames: usize) {
    let world = random_world(change);
    for threads in [1, 2] {
        let [latent, pixel] = differences(&world, frames, threads, Products::Single);
        assert!(
            latent <= 1e-3 && pixel <= 2.0 / 255.0,
            "{name}, {threads} threads: latents {latent}, pixels {pixel}"
        );
    }
    // What is rounded in the first frame is what the last one follows from.
    let [latent, pixel] = differences(&world, frames, 2, Products::Suited);
    assert!(
        latent <= 0.05 && pixel <= 0.5 / 255.0,
        "{name}, in whole numbers: latents {latent}, pixels {pixel}"
    );
}

#[test]
fn arena_is_drawn_as_burn_draws_it() {
    agrees("arena", |_| {}, 32);
}

#[test]
fn odd_sizes_are_drawn_as_burn_draws_them() {
    agrees("odd", odd, 32);
}

#[test]
fn other_kinds_of_layers_and_several_steps_are_drawn_as_burn_draws_them() {
    agrees("other", other, 8);
}

#[test]
fn a_roll_out_begins_in_a_picture() {
    let world = random_world(odd);
    let plan = plan(&world, WeightsDtype::F32);
    let (width, height) = (plan.image.width, plan.image.height);
    let picture: Vec<f32> = standard_normal(5, 0, width * height * 3, 3.0)
        .into_iter()
        .map(|x| 0.5 + x / 6.0)
        .collect();
    let mut cpu = CpuLowering::with_products(plan.clone(), 1, Products::Single);
    let mut rollout = Rollout::new(plan.clone());
    rollout.begin_in_picture(&mut cpu, 1, &world.config.sampler, &picture);
    let data = TensorData::new(picture, [1, height, width, 3]);
    let pixels = Tensor::<Flex, 4>::from_data(data, &FlexDevice).permute([0, 3, 1, 2]);
    let found = plan.to_latent(cpu.read(plan.state.last));
    let largest = difference(&found, world.vae.encode(pixels));
    assert!(largest <= 1e-4, "{largest}");
    assert_eq!(
        cpu.read(plan.state.before),
        cpu.read(plan.state.last),
        "there is no frame before the first"
    );
}

#[test]
fn the_same_seed_draws_the_same_frames_after_another_roll_out() {
    let world = random_world(odd);
    let plan = plan(&world, WeightsDtype::F32);
    let mut cpu = CpuLowering::new(plan.clone(), 1);
    let mut rollout = Rollout::new(plan.clone());
    let action = vec![0.5; plan.config.dit.actions];
    let sampler = &world.config.sampler;
    let mut play = |seed: u64, frames: usize| {
        rollout.begin(&mut cpu, seed, sampler);
        (0..frames).for_each(|_| rollout.step(&mut cpu, &action, sampler));
        cpu.read(plan.state.last).to_vec()
    };
    let first = play(1, 3);
    assert_ne!(first, play(2, 9));
    assert_eq!(first, play(1, 3));
}
