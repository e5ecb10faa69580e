//! Frames that are spread over frames of the scene, of one world and of several.

use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bvgdm::NeuralSettings;
use bvgdm::play::EngineChoice;

use super::game::{gpu_game, log, newest, newest_of, spawn, until};
use super::passes::{SEED, show_what_the_processor_draws};
use super::worlds::write_world;
use crate::support::gpu_or_skip;

/// Frames that are generated.
const FRAMES: u64 = 4;

#[test]
fn worlds_that_share_the_gpu_draw_what_the_processor_draws() {
    if !gpu_or_skip("several") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = gpu_game(folder.path());
    // With room for all of them, and with too little for one.
    for budget_ms in [200.0, 0.1] {
        let engines = [
            EngineChoice::PassesCompute,
            EngineChoice::PassesCompute,
            EngineChoice::PassesFragment,
        ];
        let worlds = engines.map(|engine| {
            let settings = NeuralSettings {
                engine,
                seed: SEED,
                budget_ms: Some(budget_ms),
                ..default()
            };
            spawn(&mut app, "world", settings)
        });
        until(&mut app, |app| {
            worlds.iter().all(|world| newest_of(app, *world) >= 2)
        });
        show_what_the_processor_draws(&mut app, folder.path(), &worlds);
        for world in worlds {
            app.world_mut().despawn(world);
        }
    }
}

#[test]
fn a_frame_in_slices_is_the_one_that_the_processor_draws() {
    if !gpu_or_skip("slices") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = gpu_game(folder.path());
    let settings = NeuralSettings {
        engine: EngineChoice::PassesCompute,
        seed: SEED,
        budget_ms: Some(0.1),
        ..default()
    };
    let world = spawn(&mut app, "world", settings);
    until(&mut app, |app| newest(app) >= 1);
    let updates = until(&mut app, |app| newest(app) >= FRAMES);
    // Another one may be fast enough for a frame in an update.
    let device = app.world().resource::<RenderAdapterInfo>().device_type;
    if format!("{device:?}") == "Cpu" {
        let frames = FRAMES as usize - 1;
        assert!(
            updates > 2 * frames,
            "{updates} updates for {frames} frames"
        );
    }
    let indices = log(&app).frames.iter().map(|frame| frame.index);
    assert!(indices.eq(0..=newest(&app)), "each once, in order");
    show_what_the_processor_draws(&mut app, folder.path(), &[world]);
}
