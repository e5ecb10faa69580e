//! Worlds that play on the GPU, in the render graph.

use std::path::Path;
use std::time::Duration;

use bevy::diagnostic::{DiagnosticPath, DiagnosticsStore};
use bevy::prelude::*;
use bevy::render::diagnostic::RenderDiagnosticsPlugin;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::renderer::RenderDevice;
use bevy::render::settings::{WgpuLimits, WgpuSettings};
use bvgdm::engine::{Begin, CpuEngine, EngineReport, EngineRequest, Networks, Start};
use bvgdm::play::{ActiveEngine, EngineChoice};
use bvgdm::{NeuralSettings, NeuralWorld, WorldCommand};

use super::game::{gpu_game, gpu_game_with, log, newest, newest_of, spawn, until};
use super::worlds::write_world;
use crate::support::gpu_or_skip;

/// Frames that are generated.
const FRAMES: u64 = 4;
pub const SEED: u64 = 5;
/// Times that a paused world is read before it must stand still.
const READS: usize = 10;
/// Size of arena's pictures.
const WIDTH: usize = 112;
const HEIGHT: usize = 64;

/// What the scene's texture holds in the end.
#[derive(Resource, Default)]
struct Seen(Vec<u8>);

/// Frame `last` of a roll-out on the processor in which nothing is held, RGBA.
pub fn on_processor(folder: &Path, name: &str, last: u64) -> Vec<u8> {
    let path = folder.join(format!("{name}.world.ron"));
    let (manifest, networks, _) = Networks::read(&path).unwrap();
    let begin = Begin {
        seed: SEED,
        start: Start::OfSeed,
    };
    let mut engine = CpuEngine::start(networks, manifest.schema.clone(), begin).unwrap();
    let mut rgba = Vec::new();
    for frame in 0..=last {
        let report = engine.receive();
        assert!(matches!(&report, EngineReport::Frame(_)), "{report:?}");
        if let EngineReport::Frame(generated) = report {
            rgba = generated.rgba;
        }
        if frame < last {
            let action = manifest.schema.zeros();
            let sampler = manifest.config.sampler;
            engine
                .send(EngineRequest::Step { action, sampler })
                .unwrap();
        }
    }
    rgba
}

/// A frame of the model in one of the scene.
fn whole_frames(engine: EngineChoice) -> NeuralSettings {
    NeuralSettings {
        engine,
        seed: SEED,
        budget_ms: Some(200.0),
        ..default()
    }
}

fn plays_as_the_processor_does(test: &str, engine: EngineChoice, name: &str) {
    if !gpu_or_skip(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = gpu_game(folder.path());
    let world = spawn(&mut app, "world", whole_frames(engine));
    until(&mut app, |app| newest(app) == FRAMES);
    app.world_mut().write_message(WorldCommand::Pause { world });
    let active = app.world().get::<ActiveEngine>(world).unwrap();
    assert_eq!((active.name.as_str(), active.on_gpu), (name, true));
    assert!(
        log(&app).frames.iter().all(|frame| frame.frame.is_none()),
        "nothing is read back"
    );

    let seen = read_back(&mut app, world);
    let last = newest(&app);
    assert!(
        last <= FRAMES + 1,
        "a paused world ends with the frame under way, not with {last}"
    );
    let expected = on_processor(folder.path(), "world", last);
    let mean = mean_difference(&seen, &expected);
    assert!(
        mean <= 1.0,
        "{test}: the pictures are {mean} apart in the mean"
    );
}

/// What the texture of a paused world holds, RGBA, once the frame that was under way is there.
pub fn read_back(app: &mut App, world: Entity) -> Vec<u8> {
    for _ in 0..READS {
        let before = newest_of(app, world);
        let seen = read_back_now(app, world);
        if newest_of(app, world) == before {
            return seen;
        }
    }
    let newest = newest_of(app, world);
    unreachable!("the world does not stand still: frame {newest}")
}

fn read_back_now(app: &mut App, world: Entity) -> Vec<u8> {
    let target = app
        .world()
        .get::<NeuralWorld>(world)
        .unwrap()
        .target
        .clone();
    app.insert_resource(Seen::default());
    let note = |read: On<ReadbackComplete>, mut seen: ResMut<Seen>| {
        seen.0.clone_from(&read.data);
    };
    let mut readback = app.world_mut().spawn(Readback::texture(target));
    let readback = readback.observe(note).id();
    until(app, |app| !app.world().resource::<Seen>().0.is_empty());
    app.world_mut().despawn(readback);
    // Rows are read back with 256 bytes or a multiple of it each.
    let seen = &app.world().resource::<Seen>().0;
    let padded = seen.len() / HEIGHT;
    let lines = seen.chunks_exact(padded);
    lines.flat_map(|line| &line[..4 * WIDTH]).copied().collect()
}

/// Mean difference of two pictures' bytes.
pub fn mean_difference(found: &[u8], expected: &[u8]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    sum / expected.len() as f64
}

#[test]
fn compute_passes_draw_into_the_scenes_image_what_the_processor_draws() {
    plays_as_the_processor_does("compute", EngineChoice::PassesCompute, "compute passes");
}

#[test]
fn fragment_passes_draw_into_the_scenes_image_what_the_processor_draws() {
    plays_as_the_processor_does("fragment", EngineChoice::PassesFragment, "fragment passes");
}

#[test]
fn burn_modules_draw_into_the_scenes_image_what_the_processor_draws() {
    plays_as_the_processor_does("burn", EngineChoice::BurnWgpu, "burn modules on the GPU");
}

#[test]
fn a_world_on_the_gpu_goes_on_in_another_image() {
    if !gpu_or_skip("another image") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    for engine in [EngineChoice::PassesCompute, EngineChoice::BurnWgpu] {
        let mut app = gpu_game(folder.path());
        let world = spawn(&mut app, "world", whole_frames(engine));
        until(&mut app, |app| newest(app) == 1);
        // Of another size, and none that a GPU can draw into.
        let mut images = app.world_mut().resource_mut::<Assets<Image>>();
        let target = images.add(Image::default());
        app.world_mut()
            .get_mut::<NeuralWorld>(world)
            .unwrap()
            .target = target;
        until(&mut app, |app| newest(app) == FRAMES);
        app.world_mut().write_message(WorldCommand::Pause { world });
        show_what_the_processor_draws(&mut app, folder.path(), &[world]);
    }
}

/// Whether paused worlds show what the processor draws.
pub fn show_what_the_processor_draws(app: &mut App, folder: &Path, worlds: &[Entity]) {
    for &world in worlds {
        app.world_mut().write_message(WorldCommand::Pause { world });
    }
    for &world in worlds {
        let seen = read_back(app, world);
        let at = newest_of(app, world);
        let mean = mean_difference(&seen, &on_processor(folder, "world", at));
        assert!(
            mean <= 1.0,
            "frame {at} of {world}: {mean} apart in the mean"
        );
    }
}

#[test]
fn where_compute_passes_are_refused_fragment_passes_play_and_say_why() {
    if !gpu_or_skip("refused compute") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let limits = gpu_game(folder.path())
        .world()
        .resource::<RenderDevice>()
        .limits();
    let device = WgpuSettings {
        constrained_limits: Some(WgpuLimits {
            max_compute_workgroup_storage_size: 8192,
            ..limits
        }),
        ..default()
    };
    let mut app = gpu_game_with(folder.path(), device, ());
    let settings = NeuralSettings {
        engine: EngineChoice::PassesCompute,
        seed: SEED,
        budget_ms: Some(200.0),
        ..default()
    };
    let world = spawn(&mut app, "world", settings);
    until(&mut app, |app| newest(app) >= 2);
    let active = app.world().get::<ActiveEngine>(world).unwrap();
    assert_eq!(active.name, "fragment passes");
    let reason = active.reason.as_deref().unwrap();
    assert!(reason.contains("workgroup memory"), "{reason}");
    show_what_the_processor_draws(&mut app, folder.path(), &[world]);
}

#[test]
fn every_stage_has_a_time_span_in_the_render_diagnostics() {
    if !gpu_or_skip("time spans") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let spans = RenderDiagnosticsPlugin;
    let mut app = gpu_game_with(folder.path(), WgpuSettings::default(), spans);
    let settings = NeuralSettings {
        engine: EngineChoice::PassesCompute,
        steps: Some(2),
        ..default()
    };
    spawn(&mut app, "world", settings);
    let stages = [
        "commit_and_denoise",
        "denoise_again",
        "advance",
        "decode",
        "present",
    ];
    until(&mut app, |app| {
        let known = app.world().resource::<DiagnosticsStore>();
        let took = |stage: &str| {
            let path = DiagnosticPath::from_components(["render", "bvgdm", stage, "elapsed_cpu"]);
            known.get_measurement(&path).map(|found| found.value)
        };
        stages
            .iter()
            .all(|stage| took(stage).is_some_and(|ms| ms > 0.0))
    });
}

#[test]
fn without_a_gpu_the_processor_takes_over_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = super::game::game(folder.path(), Duration::from_millis(50));
    let settings = NeuralSettings {
        engine: EngineChoice::PassesCompute,
        ..default()
    };
    let world = spawn(&mut app, "world", settings);
    until(&mut app, |app| log(app).frames.len() >= 2);
    let active = app.world().get::<ActiveEngine>(world).unwrap();
    assert!(!active.on_gpu);
    assert_eq!(active.reason.as_deref(), Some("there is no GPU"));
}
