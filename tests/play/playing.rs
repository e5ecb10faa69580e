//! Playing, pausing, beginning again.

use std::time::Instant;

use bevy::prelude::*;
use bvgdm::play::WorldStats;
use bvgdm::{NeuralSettings, NeuralWorld, WorldCommand, WorldStatus};
use bvgdm_core::Frame;

use super::game::{FRAME, failure, game, log, pictures, spawn, until};
use super::worlds::write_world;

fn send(app: &mut App, command: WorldCommand) {
    app.world_mut().write_message(command);
}

fn seed(seed: u64) -> NeuralSettings {
    NeuralSettings { seed, ..default() }
}

#[test]
fn a_world_gets_ready_and_its_frames_reach_the_image() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "a", default());
    until(&mut app, |app| pictures(app, world).len() >= 4);
    assert_eq!(log(&app).ready, [world]);
    let pictures = pictures(&app, world);
    let indices: Vec<_> = pictures.iter().map(|(index, _)| *index).collect();
    assert_eq!(indices, (0..indices.len() as u64).collect::<Vec<_>>());

    let target = &app.world().get::<NeuralWorld>(world).unwrap().target;
    let image = app.world().resource::<Assets<Image>>().get(target).unwrap();
    let vae = &manifest.config.vae;
    assert_eq!(
        image.size(),
        UVec2::new(vae.width as u32, vae.height as u32)
    );
    let shown: Vec<u8> = image
        .data
        .as_ref()
        .unwrap()
        .chunks(4)
        .flat_map(|p| p[..3].to_vec())
        .collect();
    assert!(shown == pictures.last().unwrap().1);
    let timings = log(&app).frames.last().unwrap().timings;
    assert!(
        timings.denoise_ms > 0.0 && timings.decode_ms > 0.0,
        "{timings:?}"
    );
}

#[test]
fn two_worlds_play_at_once_and_the_same_seed_gives_the_same_frames() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let [one, same, other] = [7, 7, 8].map(|s| spawn(&mut app, "a", seed(s)));
    until(&mut app, |app| {
        [one, same, other]
            .iter()
            .all(|w| pictures(app, *w).len() > 10)
    });
    let [one, same, other] = [one, same, other].map(|world| pictures(&app, world)[..10].to_vec());
    assert!(one == same);
    assert!(one[9] != other[9]);
}

#[test]
fn a_reset_begins_again_and_with_the_same_seed_makes_the_same_frames() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "a", seed(3));
    until(&mut app, |app| pictures(app, world).len() > 6);
    send(&mut app, WorldCommand::Reset { world, seed: 3 });
    let begins = |app: &App| {
        let is_first = |(i, (index, _)): (usize, &(u64, Vec<u8>))| (*index == 0).then_some(i);
        pictures(app, world)
            .iter()
            .enumerate()
            .filter_map(is_first)
            .collect::<Vec<_>>()
    };
    until(&mut app, |app| {
        begins(app)
            .get(1)
            .is_some_and(|at| pictures(app, world).len() > at + 5)
    });
    let all = pictures(&app, world);
    let again = begins(&app)[1];
    assert!(all[..5] == all[again..again + 5]);
}

#[test]
fn a_picture_of_any_size_can_be_the_first_frame() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "a", default());
    until(&mut app, |app| pictures(app, world).len() > 1);
    let first = pictures(&app, world)[0].clone();
    let rgb = (0..300 * 200 * 3).map(|i| (i / 900) as u8).collect();
    let picture = Frame::new(300, 200, rgb).unwrap();
    send(&mut app, WorldCommand::Reseed { world, picture });
    until(&mut app, |app| {
        pictures(app, world)
            .iter()
            .filter(|(index, _)| *index == 0)
            .count()
            == 2
    });
    let all = pictures(&app, world);
    let begun = all.iter().rev().find(|(index, _)| *index == 0).unwrap();
    assert!(*begun != first);
}

#[test]
fn a_paused_world_stands_still_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "a", default());
    until(&mut app, |app| pictures(app, world).len() > 2);
    send(&mut app, WorldCommand::Pause { world });
    let before = pictures(&app, world).len();
    let pause = Instant::now();
    until(&mut app, |_| pause.elapsed().as_secs() >= 1);
    let status = app.world().get::<WorldStatus>(world);
    assert_eq!(status, Some(&WorldStatus::Paused));
    // The frame in flight may still have arrived.
    let paused = pictures(&app, world).len();
    assert!(
        paused <= before + 1,
        "{} frames in a second of pause",
        paused - before
    );
    send(&mut app, WorldCommand::Resume { world });
    until(&mut app, |app| pictures(app, world).len() > paused + 2);
    let indices = pictures(&app, world).into_iter().map(|(index, _)| index);
    assert!(indices.eq(0..pictures(&app, world).len() as u64));
}

#[test]
fn the_scene_goes_on_while_the_engine_computes_and_late_frames_count_as_dropped() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let world = spawn(
        &mut app,
        "a",
        NeuralSettings {
            steps: Some(50),
            ..default()
        },
    );
    until(&mut app, |app| pictures(app, world).len() == 1);
    // Every update is a frame's time, so nearly all of them are dropped.
    let updates = until(&mut app, |app| pictures(app, world).len() == 2);
    assert!(updates > 20, "{updates} updates while one frame was made");
    let dropped = app.world().get::<WorldStats>(world).unwrap().dropped as usize;
    assert!(
        (updates - 5..=updates).contains(&dropped),
        "{dropped} of {updates}"
    );
}

#[test]
fn a_setting_out_of_range_stops_the_world_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "a", default());
    until(&mut app, |app| pictures(app, world).len() > 1);
    app.world_mut()
        .get_mut::<NeuralWorld>(world)
        .unwrap()
        .settings
        .steps = Some(51);
    until(&mut app, |app| failure(app, world).is_some());
    assert!(failure(&app, world).unwrap().contains("sampler.steps"));
    // Put right, it plays again.
    app.world_mut()
        .get_mut::<NeuralWorld>(world)
        .unwrap()
        .settings
        .steps = Some(2);
    let before = pictures(&app, world).len();
    send(&mut app, WorldCommand::Reset { world, seed: 1 });
    until(&mut app, |app| pictures(app, world).len() > before + 2);
}

#[test]
fn a_pause_holds_from_before_the_first_frame_and_through_another_world() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        write_world(folder.path(), name);
    }
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "a", default());
    send(&mut app, WorldCommand::Pause { world });
    for (ready, next) in [(1, "b"), (2, "a")] {
        until(&mut app, |app| log(app).ready.len() == ready);
        for _ in 0..20 {
            app.update();
        }
        let status = app.world().get::<WorldStatus>(world);
        assert_eq!(status, Some(&WorldStatus::Paused));
        assert_eq!(pictures(&app, world).len(), ready, "a first one each");
        let asset = app.world().resource::<AssetServer>();
        let asset = asset.load(format!("{next}.world.ron"));
        app.world_mut().get_mut::<NeuralWorld>(world).unwrap().asset = asset;
    }
    send(&mut app, WorldCommand::Resume { world });
    until(&mut app, |app| pictures(app, world).len() > 5);
    let status = app.world().get::<WorldStatus>(world);
    assert_eq!(status, Some(&WorldStatus::Playing));
}

#[test]
fn a_picture_that_comes_before_its_world_is_the_first_frame() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let [world, other] = [0, 1].map(|_| spawn(&mut app, "a", default()));
    let rgb = (0..300 * 200 * 3).map(|i| (i / 900) as u8).collect();
    let picture = Frame::new(300, 200, rgb).unwrap();
    send(&mut app, WorldCommand::Reseed { world, picture });
    until(&mut app, |app| {
        [world, other]
            .iter()
            .all(|world| !pictures(app, *world).is_empty())
    });
    let [found, of_seed] = [world, other].map(|world| pictures(&app, world)[0].clone());
    assert_eq!((found.0, of_seed.0), (0, 0));
    assert!(found.1 != of_seed.1);
}
