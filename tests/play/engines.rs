//! Engines take over from each other while a world plays, by choice or because one is gone.

use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::render_resource::{BufferDescriptor, BufferUsages, PollType};
use bevy::render::renderer::RenderDevice;
use bvgdm::play::{ActiveEngine, EngineChoice, WorldInput};
use bvgdm::{NeuralSettings, NeuralWorld, WorldCommand, WorldStatus};

use super::game::{FRAME, failure, game, gpu_game, log, newest, pictures, spawn, until};
use super::passes::{SEED, mean_difference, on_processor, read_back};
use super::worlds::{write_fragile_world, write_world};
use crate::support::gpu_or_skip;

fn settings(engine: EngineChoice) -> NeuralSettings {
    NeuralSettings {
        engine,
        seed: SEED,
        budget_ms: Some(200.0),
        ..default()
    }
}

fn choose(app: &mut App, world: Entity, engine: EngineChoice) {
    let mut world = app.world_mut().get_mut::<NeuralWorld>(world).unwrap();
    world.settings.engine = engine;
}

fn active(app: &App, world: Entity) -> &str {
    &app.world().get::<ActiveEngine>(world).unwrap().name
}

/// Frame numbers in the order in which the game was told of them.
fn indices(app: &App) -> Vec<u64> {
    log(app).frames.iter().map(|frame| frame.index).collect()
}

#[test]
fn another_engine_goes_on_with_the_picture_that_the_last_one_would_have_drawn() {
    if !gpu_or_skip("switch") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = gpu_game(folder.path());
    let world = spawn(&mut app, "world", settings(EngineChoice::Cpu));
    until(&mut app, |app| newest(app) >= 3);
    for (engine, name) in [
        (EngineChoice::PassesCompute, "compute passes"),
        (EngineChoice::PassesFragment, "fragment passes"),
        (EngineChoice::Cpu, "passes on the processor"),
    ] {
        choose(&mut app, world, engine);
        until(&mut app, |app| active(app, world) == name);
        let taken = newest(&app);
        until(&mut app, |app| newest(app) >= taken + 2);
        app.world_mut().write_message(WorldCommand::Pause { world });
        let found = read_back(&mut app, world);
        let at = newest(&app);
        let mean = mean_difference(&found, &on_processor(folder.path(), "world", at));
        assert!(mean <= 1.0, "{name}, frame {at}: {mean} apart in the mean");
        app.world_mut()
            .write_message(WorldCommand::Resume { world });
    }
    let indices = indices(&app);
    let all: Vec<u64> = (0..indices.len() as u64).collect();
    assert_eq!(indices, all, "no frame is lost or told of twice");
    assert_eq!(log(&app).ready, [world], "it never began anew");
}

#[test]
fn what_the_device_refuses_fails_the_world_and_the_game_goes_on() {
    if !gpu_or_skip("refused") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = gpu_game(folder.path());
    let world = spawn(&mut app, "world", settings(EngineChoice::PassesFragment));
    until(&mut app, |app| newest(app) >= 1);
    app.world()
        .resource::<RenderDevice>()
        .create_buffer(&BufferDescriptor {
            label: Some("refused"),
            size: 16,
            usage: BufferUsages::empty(),
            mapped_at_creation: false,
        });
    until(&mut app, |app| failure(app, world).is_some());
    assert!(failure(&app, world).unwrap().starts_with("the GPU refused"));
    assert_eq!(app.should_exit(), None);
    let before = log(&app).frames.len();
    let reset = WorldCommand::Reset { world, seed: 1 };
    app.world_mut().write_message(reset);
    until(&mut app, |app| log(app).frames.len() > before + 1);
    assert_eq!(app.should_exit(), None);
}

#[test]
fn a_lost_device_is_replaced_and_the_world_goes_on_with_all_that_it_remembers() {
    if !gpu_or_skip("lost") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = gpu_game(folder.path());
    let world = spawn(&mut app, "world", settings(EngineChoice::PassesFragment));
    until(&mut app, |app| newest(app) >= 3);
    // The first look was at the first frame, in which the seed begins too; the next is due by now.
    std::thread::sleep(Duration::from_millis(600));
    until(&mut app, |app| newest(app) >= 8);
    let lost_at = newest(&app);
    let lost = app.world().resource::<RenderDevice>().clone();
    lost.wgpu_device().destroy();
    until(&mut app, |app| {
        // One that is destroyed says so when it is asked after its last work; one that fails, by itself.
        lost.poll(PollType::Poll).ok();
        log(app).reseeded.len() == 1
    });
    let known = log(&app).frames.len();
    until(&mut app, |app| log(app).frames.len() >= known + 3);
    let again = indices(&app)[known];
    // The frame that it was seen in last was told of before.
    assert!((2..=lost_at + 1).contains(&again), "{again} of {lost_at}");
    assert_eq!(indices(&app)[known..][..3], [0, 1, 2].map(|n| again + n));
    assert!(log(&app).failed.is_empty());
    assert_eq!(app.should_exit(), None);
    app.world_mut().write_message(WorldCommand::Pause { world });
    let found = read_back(&mut app, world);
    let at = newest(&app);
    // As if nothing had been: all that was remembered is there again.
    let mean = mean_difference(&found, &on_processor(folder.path(), "world", at));
    assert!(mean <= 1.0, "frame {at}: {mean} apart in the mean");
}

#[test]
fn a_lost_device_is_replaced_under_burn_modules_too() {
    if !gpu_or_skip("lost_burn") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "world");
    let mut app = gpu_game(folder.path());
    let world = spawn(&mut app, "world", settings(EngineChoice::BurnWgpu));
    until(&mut app, |app| newest(app) >= 2);
    assert_eq!(active(&app, world), "burn modules on the GPU");
    // Burn is in the middle of a frame, and about to look at its numbers.
    std::thread::sleep(Duration::from_millis(600));
    let shown = log(&app).frames.len();
    until(&mut app, |app| log(app).frames.len() > shown);
    app.update();
    let lost = app.world().resource::<RenderDevice>().clone();
    lost.wgpu_device().destroy();
    std::thread::sleep(Duration::from_millis(300));
    until(&mut app, |app| {
        lost.poll(PollType::Poll).ok();
        log(app).reseeded.len() == 1
    });
    let known = log(&app).frames.len();
    until(&mut app, |app| log(app).frames.len() >= known + 3);
    assert!(log(&app).failed.is_empty());
    assert_eq!(app.should_exit(), None);
}

/// Holds the action that the world cannot take until it has been noticed, then lets go.
fn holds_what_it_cannot_take(app: &mut App, world: Entity, schema: &bvgdm_core::ActionSchema) {
    until(app, |app| newest(app) >= 2);
    let begun = Instant::now();
    while log(app).reseeded.is_empty() {
        let mut input = app.world_mut().get_mut::<WorldInput>(world).unwrap();
        input.hold(schema, 0, 1.0);
        app.update();
        assert!(begun.elapsed().as_secs() < 60, "nobody has noticed");
        std::thread::sleep(Duration::from_millis(1));
    }
    let begun = log(app).frames.len();
    until(app, |app| log(app).frames.len() >= begun + 3);
    let reseeded = &log(app).reseeded[0];
    assert!(reseeded.reason.contains("NaN"), "{}", reseeded.reason);
    assert!(log(app).failed.is_empty());
    let status = app.world().get::<WorldStatus>(world);
    assert_eq!(status, Some(&WorldStatus::Playing));
    assert_eq!(indices(app)[begun..][..3], [0, 1, 2]);
    let settings = app.world().get::<NeuralWorld>(world).unwrap().settings;
    assert_eq!(settings.seed, SEED + 1, "in another place");
}

#[test]
fn numbers_that_are_none_begin_the_world_anew_on_the_processor() {
    let folder = tempfile::tempdir().unwrap();
    let schema = write_fragile_world(folder.path(), "world").schema;
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "world", settings(EngineChoice::Cpu));
    holds_what_it_cannot_take(&mut app, world, &schema);
    let shown = pictures(&app, world);
    assert_eq!(shown.len(), log(&app).frames.len(), "none is shown of them");
}

#[test]
fn numbers_that_are_none_begin_the_world_anew_on_the_gpu() {
    if !gpu_or_skip("diverged") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let schema = write_fragile_world(folder.path(), "world").schema;
    let mut app = gpu_game(folder.path());
    let world = spawn(&mut app, "world", settings(EngineChoice::PassesFragment));
    holds_what_it_cannot_take(&mut app, world, &schema);
}
