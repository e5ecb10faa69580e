//! An evaluation from end to end: a game of which everything is known, and a world that was never
//! trained.

use std::path::Path;

use burn_autodiff::Autodiff;
use burn_flex::Flex;
use bvgdm_core::{ActionSchema, ActionSpec, ActionVector, Frame, WorldConfig, preset};
use bvgdm_data::{Dataset, EpisodeSpec, EpisodeWriter};
use bvgdm_model::World;
use rand::Rng as _;

use super::{EvalConfig, evaluate};
use crate::data::step_rng;

const WIDTH: usize = 56;
const HEIGHT: usize = 32;

/// A wall that moves sideways with `yaw`, and is lit while `lamp` is held.
fn record(dir: &Path, seed: u64, frames: usize) {
    let schema = ActionSchema::new([
        ActionSpec::button("lamp"),
        ActionSpec::axis("yaw", -4.0, 4.0),
    ])
    .unwrap();
    let spec = EpisodeSpec {
        game: "wall".into(),
        fps: 20.0,
        width: WIDTH,
        height: HEIGHT,
        schema,
        seed,
    };
    let mut writer = EpisodeWriter::create(&dir.join(seed.to_string()), spec).unwrap();
    let mut rng = step_rng(seed, 0);
    let (mut place, mut light, mut held) = (1000, 0, [0.0, 0.0]);
    for t in 0..frames {
        if t % 5 == 0 {
            let yaw = [-3.0, 0.0, 3.0][rng.random_range(0..3)];
            held = [f32::from(u8::from(rng.random_bool(0.4))), yaw];
        }
        let wall = |x: usize, y: usize| {
            let (x, y) = ((x + place) / 4, y / 4);
            ((x * x * 31 + y * y * 17 + x * y * 7 + x * 13) % 151) as u8 + light
        };
        let pixels = (0..WIDTH * HEIGHT).flat_map(|i| [wall(i % WIDTH, i / WIDTH); 3]);
        let frame = Frame::new(WIDTH, HEIGHT, pixels.collect()).unwrap();
        writer.push(&frame, &ActionVector(held.to_vec())).unwrap();
        place = place.saturating_add_signed(held[1] as isize);
        light = if held[0] > 0.5 { 80 } else { 0 };
    }
    writer.finish().unwrap();
}

fn small_world() -> WorldConfig {
    let mut config = preset("arena").unwrap();
    (config.vae.width, config.vae.height) = (WIDTH, HEIGHT);
    (config.dit.width, config.dit.height, config.dit.patch) = (WIDTH / 8, HEIGHT / 8, 1);
    (config.dit.hidden, config.dit.depth, config.dit.actions) = (32, 1, 2);
    config
}

#[test]
fn an_untrained_world_gets_the_marks_of_an_untrained_world() {
    let dir = tempfile::tempdir().unwrap();
    for seed in 0..4 {
        record(dir.path(), seed, 400);
    }
    let dataset = Dataset::open(dir.path()).unwrap();
    let split = dataset.split(0.25, 1);
    let world = World::<Flex>::new(&small_world(), &Default::default()).unwrap();
    let config = EvalConfig {
        clips: 16,
        context: 4,
        horizons: vec![1, 12],
        next_frames: 2,
        sharpness_frames: 20,
        sharpness_starts: 2,
        idm_steps: 100,
        idm_samples: 1000,
        seed: 1,
    };
    let found = evaluate::<Autodiff<Flex>>(&world, &dataset, &split, &config, &mut |_| {}).unwrap();
    let value = |name: &str| {
        found
            .report
            .get(name)
            .unwrap_or_else(|| panic!("no {name}"))
    };

    // The wall moves: a repeated frame is no good guess, and what random weights draw neither.
    for name in [
        "repeat_psnr_12",
        "vae_psnr",
        "next_frame_psnr",
        "rollout_psnr_12",
    ] {
        assert!(
            (0.0..20.0).contains(&value(name)),
            "{name}: {:?}",
            found.report
        );
    }
    assert!(
        !(0.5..1.5).contains(&value("sharpness_20")),
        "{:?}",
        found.report
    );
    // The real frames do what a player wants, the others do not.
    assert!(value("action_fidelity_real") > 0.9, "{:?}", found.report);
    assert!(value("action_fidelity") < 0.7, "{:?}", found.report);

    let json = serde_json::to_value(&found.report).unwrap();
    assert!(
        json.as_object()
            .unwrap()
            .values()
            .all(|value| value.as_f64().is_some())
    );
    let [real, made] = &found.strips[0];
    assert_eq!((real.len(), made.len()), (2, 2));
}

#[test]
fn a_recording_of_another_size_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    record(dir.path(), 0, 50);
    record(dir.path(), 1, 50);
    let dataset = Dataset::open(dir.path()).unwrap();
    let mut sizes = small_world();
    (sizes.vae.width, sizes.dit.width) = (WIDTH + 8, WIDTH / 8 + 1);
    let world = World::<Flex>::new(&sizes, &Default::default()).unwrap();
    let (split, config) = (dataset.split(0.5, 1), EvalConfig::default());
    let error = evaluate::<Autodiff<Flex>>(&world, &dataset, &split, &config, &mut |_| {});
    assert!(error.unwrap_err().to_string().contains("frame size"));
}
