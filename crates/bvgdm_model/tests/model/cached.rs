//! The cached sampler gives what recomputing everything gives.

use burn::tensor::{Distribution, Tensor};
use bvgdm_core::{Prediction, SamplerKind, ScheduleConfig, SlidingWindow, WorldConfig, preset};
use bvgdm_model::{DitInput, NaiveRollout, PlaySettings, Rollout, Sight, World};

use crate::{B, max_difference};

/// Small sizes, no multiple of anything, and weights that are not zero anywhere.
fn world(change: impl Fn(&mut WorldConfig)) -> World<B> {
    let mut config = preset("arena").unwrap();
    (config.dit.hidden, config.dit.depth, config.dit.heads) = (24, 3, 2);
    config.dit.window = 4;
    change(&mut config);
    let mut world = World::<B>::new(&config, &Default::default()).unwrap();
    world.dit = burn::module::Module::map(world.dit, &mut Randomise);
    world
}

struct Randomise;

impl burn::module::ModuleMapper<B> for Randomise {
    fn map_float<const D: usize>(
        &mut self,
        param: burn::module::Param<Tensor<B, D>>,
    ) -> burn::module::Param<Tensor<B, D>> {
        param.map(|tensor| tensor.random_like(Distribution::Normal(0.0, 0.15)))
    }
}

/// Largest difference over 14 frames of two clips side by side, the window sliding at the fourth.
fn difference(world: &World<B>, steps: usize) -> f32 {
    let mut sampler = world.config.sampler;
    (sampler.steps, sampler.noise_scale) = (steps, 1.2);
    sampler.context_level = 0.1;
    let settings = PlaySettings { sampler, seed: 3 };
    let [_, c, h, w] = world.starts.dims();
    let normal = Distribution::Normal(0.0, 1.0);
    let start = Tensor::random([2, 2, c, h, w], normal, &world.device);
    let actions = Tensor::random([2, 2, 9], normal, &world.device);
    let mut cached = Rollout::new(world, settings, start.clone(), actions.clone());
    let mut naive = NaiveRollout::new(settings, start, actions);
    let mut largest = 0.0f32;
    for frame in 0..14 {
        let action = Tensor::random([2, 1, 9], normal, &world.device);
        let a = cached.step(world, action.clone()).into_data();
        let b = naive.step(world, action).into_data();
        let (a, b) = (a.as_slice::<f32>().unwrap(), b.as_slice::<f32>().unwrap());
        assert!(
            a.iter().any(|x| x.abs() > 1e-3),
            "frame {frame} is not just nothing"
        );
        largest = largest.max(max_difference(a, b));
    }
    largest
}

#[test]
fn banded_cache_is_exact_for_ever() {
    for steps in [1, 3] {
        let found = difference(&world(|_| {}), steps);
        assert!(found <= 1e-4, "{steps} steps: {found}");
    }
}

#[test]
fn recomputed_cache_is_exact_too() {
    let world = world(|config| {
        config.dit.sliding = SlidingWindow::Recomputed;
        config.dit.prediction = Prediction::Flow;
        config.dit.spatial_mlp = true;
        config.dit.shared_adaln = false;
    });
    let found = difference(&world, 2);
    assert!(found <= 1e-4, "{found}");
}

#[test]
fn it_is_exact_for_every_prediction_schedule_and_step_rule() {
    let sigmoid = ScheduleConfig::Sigmoid {
        start: -3.0,
        end: 3.0,
        tau: 1.0,
    };
    let cosine = ScheduleConfig::Cosine { offset: 0.008 };
    let flow = ScheduleConfig::RectifiedFlow;
    for (schedule, kind, velocity) in [
        (sigmoid, SamplerKind::Ddim, Prediction::V),
        (cosine, SamplerKind::Ddim, Prediction::V),
        (flow, SamplerKind::Euler, Prediction::Flow),
    ] {
        for prediction in [velocity, Prediction::Clean, Prediction::Residual] {
            let world = world(|config| {
                config.schedule = schedule;
                config.sampler.kind = kind;
                config.dit.prediction = prediction;
            });
            let found = difference(&world, 2);
            assert!(
                found <= 1e-4,
                "{schedule:?} {kind:?} {prediction:?}: {found}"
            );
        }
    }
}

#[test]
fn a_window_of_one_frame_needs_no_cache() {
    let found = difference(&world(|config| config.dit.window = 1), 2);
    assert!(found <= 1e-4, "{found}");
}

#[test]
fn a_frame_that_took_the_newest_ones_place_is_what_the_next_is_drawn_from() {
    let world = world(|_| {});
    let settings = PlaySettings {
        sampler: world.config.sampler,
        seed: 3,
    };
    let [_, c, h, w] = world.starts.dims();
    let normal = Distribution::Normal(0.0, 1.0);
    let frames = Tensor::random([2, 3, c, h, w], normal, &world.device);
    let actions = Tensor::random([2, 4, 9], normal, &world.device);
    let frame = |i| frames.clone().narrow(1, i, 1);
    let action = |i| actions.clone().narrow(1, i, 1);

    let mut replaced = Rollout::new(&world, settings, frame(0), action(0));
    for i in 1..3 {
        replaced.step(&world, action(i));
        replaced.replace_last(frame(i));
    }
    let begun = actions.clone().narrow(1, 0, 3);
    let mut begun = Rollout::new(&world, settings, frames.clone(), begun);
    let [found, expected] = [&mut replaced, &mut begun].map(|rollout| {
        rollout
            .step(&world, action(3))
            .into_data()
            .to_vec()
            .unwrap()
    });
    assert!(max_difference(&found, &expected) <= 1e-5);
}

#[test]
fn same_seed_and_actions_give_the_same_frames() {
    let world = world(|_| {});
    let roll = |seed| {
        let settings = PlaySettings {
            sampler: world.config.sampler,
            seed,
        };
        let start = world.starts.clone().unsqueeze_dim(0);
        let none = Tensor::zeros([1, 1, 9], &world.device);
        let mut rollout = Rollout::new(&world, settings, start, none.clone());
        (0..5).for_each(|_| drop(rollout.step(&world, none.clone())));
        rollout.last().into_data().to_vec::<f32>().unwrap()
    };
    assert_eq!(roll(1), roll(1));
    assert_ne!(roll(1), roll(2));
}

#[test]
fn a_target_of_the_training_streams_is_drawn_as_a_frame_in_play_is() {
    let world = world(|_| {});
    let dit = &world.config.dit;
    let (frames, window) = (9, dit.window);
    let [_, c, h, w] = world.starts.dims();
    let normal = Distribution::Normal(0.0, 1.0);
    let latents = Tensor::<B, 5>::random([1, frames, c, h, w], normal, &world.device);
    let noises = [(); 2].map(|()| latents.random_like(normal));
    let actions = Tensor::<B, 3>::random([1, frames, 9], normal, &world.device);
    // Clean context, two streams of targets from pure noise; the first frame stands still.
    let previous = Tensor::cat(
        vec![
            latents.clone().narrow(1, 0, 1),
            latents.clone().narrow(1, 0, frames - 1),
        ],
        1,
    );
    let level = |t: f64| Tensor::full([1, frames], world.schedule.level(t).timestep, &world.device);
    let [first, second] = noises.clone();
    let input = DitInput {
        x: Tensor::cat(vec![latents.clone(), first, second], 1),
        previous: Some(Tensor::cat(vec![previous.clone(); 3], 1)),
        timestep: Tensor::cat(vec![level(0.0), level(1.0), level(1.0)], 1),
        actions: Tensor::cat(vec![actions.clone(); 3], 1),
    };
    let (head, theta) = (dit.head_dim(), dit.temporal_rope_theta);
    let sight = Sight::streams(frames, 2, window, head, theta, &world.device);
    let twice = Tensor::cat(vec![previous; 2], 1);
    let trained = world.dit.predict(input, &sight, 2 * frames) + twice;

    let settings = PlaySettings {
        sampler: world.config.sampler,
        seed: 0,
    };
    for (stream, noise) in noises.into_iter().enumerate() {
        for target in 1..frames {
            let start = latents.clone().narrow(1, 0, target);
            let led_to = actions.clone().narrow(1, 0, target);
            let mut rollout = Rollout::new(&world, settings, start, led_to);
            let action = actions.clone().narrow(1, target, 1);
            let noise = noise.clone().narrow(1, target, 1);
            let drawn = rollout.step_from(&world, action, noise).into_data();
            let trained = trained.clone().narrow(1, stream * frames + target, 1);
            let trained = trained.into_data();
            let difference = max_difference(drawn.as_slice().unwrap(), trained.as_slice().unwrap());
            assert!(
                difference <= 1e-4,
                "stream {stream}, frame {target}: {difference}"
            );
        }
    }
}
