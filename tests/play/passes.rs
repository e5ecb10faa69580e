//! Worlds that play on the GPU, in the render graph.

use std::time::Duration;

use bevy::asset::AssetPlugin;
use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bvgdm::engine::{Begin, CpuEngine, EngineReport, EngineRequest, Networks, Start};
use bvgdm::play::{ActiveEngine, EngineChoice};
use bvgdm::record::HeadlessPlugins;
use bvgdm::{BvgdmPlugin, NeuralSettings, NeuralWorld, WorldCommand};

use super::game::{FRAME, Log, log, note, spawn, until};
use super::worlds::write_world;
use crate::support::gpu_or_skip;

/// Frames that are generated.
const FRAMES: u64 = 4;
const SEED: u64 = 5;

/// What the scene's texture holds in the end.
#[derive(Resource, Default)]
struct Seen(Vec<u8>);

fn gpu_game(folder: &std::path::Path) -> App {
    let mut app = App::new();
    app.add_plugins((
        HeadlessPlugins.set(AssetPlugin {
            file_path: folder.to_str().unwrap().to_owned(),
            ..default()
        }),
        BvgdmPlugin,
    ))
    .init_resource::<Log>()
    .init_resource::<Seen>()
    .insert_resource(Time::<Fixed>::from_duration(FRAME))
    .add_systems(Update, note);
    app.finish();
    app.cleanup();
    app
}

/// The last of `FRAMES` frames on the processor, RGBA.
fn on_processor(folder: &std::path::Path, name: &str) -> Vec<u8> {
    let path = folder.join(format!("{name}.world.ron"));
    let (manifest, networks, _) = Networks::read(&path).unwrap();
    let begin = Begin {
        seed: SEED,
        start: Start::OfSeed,
    };
    let mut engine = CpuEngine::start(networks, manifest.schema.clone(), begin).unwrap();
    let mut rgba = Vec::new();
    for frame in 0..=FRAMES {
        let report = engine.receive();
        assert!(matches!(&report, EngineReport::Frame(_)), "{report:?}");
        if let EngineReport::Frame(generated) = report {
            rgba = generated.rgba;
        }
        if frame < FRAMES {
            let action = manifest.schema.zeros();
            let sampler = manifest.config.sampler;
            let step = EngineRequest::Step { action, sampler };
            engine.send(step).unwrap();
        }
    }
    rgba
}

fn plays_as_the_processor_does(test: &str, engine: EngineChoice, name: &str) {
    if !gpu_or_skip(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let expected = on_processor(folder.path(), "world");

    let mut app = gpu_game(folder.path());
    let settings = NeuralSettings {
        engine,
        seed: SEED,
        budget_ms: Some(200.0),
        ..default()
    };
    let world = spawn(&mut app, "world", settings);
    let at = |app: &App| log(app).frames.last().map_or(0, |frame| frame.index);
    until(&mut app, |app| at(app) == FRAMES);
    app.world_mut().write_message(WorldCommand::Pause { world });
    let active = app.world().get::<ActiveEngine>(world).unwrap();
    assert_eq!((active.name.as_str(), active.on_gpu), (name, true));
    assert!(
        log(&app).frames.iter().all(|frame| frame.frame.is_none()),
        "nothing is read back"
    );

    let target = app
        .world()
        .get::<NeuralWorld>(world)
        .unwrap()
        .target
        .clone();
    app.world_mut().spawn(Readback::texture(target)).observe(
        |read: On<ReadbackComplete>, mut seen: ResMut<Seen>| {
            seen.0.clone_from(&read.data);
        },
    );
    until(&mut app, |app| !app.world().resource::<Seen>().0.is_empty());
    assert_eq!(at(&app), FRAMES, "a paused world stays where it is");
    let seen = &app.world().resource::<Seen>().0;
    assert_eq!(seen.len(), expected.len());
    let difference = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b));
    let sum: f64 = seen.iter().zip(&expected).map(difference).sum();
    let mean = sum / expected.len() as f64;
    assert!(
        mean <= 1.0,
        "{test}: the pictures are {mean} apart in the mean"
    );
}

#[test]
fn compute_passes_draw_into_the_scenes_image_what_the_processor_draws() {
    plays_as_the_processor_does("compute", EngineChoice::Passes, "compute passes");
}

#[test]
fn fragment_passes_draw_into_the_scenes_image_what_the_processor_draws() {
    plays_as_the_processor_does("fragment", EngineChoice::Fragment, "fragment passes");
}

#[test]
fn without_a_gpu_the_processor_takes_over_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = super::game::game(folder.path(), Duration::from_millis(50));
    let settings = NeuralSettings {
        engine: EngineChoice::Passes,
        ..default()
    };
    let world = spawn(&mut app, "world", settings);
    until(&mut app, |app| log(app).frames.len() >= 2);
    let active = app.world().get::<ActiveEngine>(world).unwrap();
    assert!(!active.on_gpu);
    assert_eq!(active.reason.as_deref(), Some("there is no GPU"));
}
