//! The arena as somebody plays and records it.

use arena::ResetArena;
use bevy::prelude::*;
use bvgdm::record::{RecorderError, RecorderEvent, RecorderSettings, StopRecording};

use super::example::{Notice, restart, write_notice};

#[test]
fn a_new_game_ends_the_recording_and_counts_on_from_the_seed_that_was_given() {
    let mut app = App::new();
    app.init_resource::<ButtonInput<KeyCode>>()
        .insert_resource(RecorderSettings {
            seed: 5,
            ..default()
        })
        .add_message::<StopRecording>()
        .add_message::<ResetArena>()
        .add_systems(Update, restart);
    let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
    keys.press(KeyCode::KeyR);
    app.update();
    let world = app.world_mut();
    let mut resets = world.resource_mut::<Messages<ResetArena>>();
    let seeds: Vec<_> = resets.drain().map(|reset| reset.seed).collect();
    assert_eq!(seeds, [6]);
    let stops = world.resource::<Messages<StopRecording>>();
    assert_eq!(stops.len(), 1, "an episode does not jump");
    let named = world.resource::<RecorderSettings>().seed;
    assert_eq!(named, 6, "what is recorded next names the new seed");
}

#[test]
fn a_recording_that_fails_tells_the_player_why() {
    let mut app = App::new();
    app.add_message::<RecorderEvent>()
        .add_systems(Update, write_notice);
    let notice = app.world_mut().spawn((Notice, Text::default())).id();
    app.world_mut().write_message(RecorderEvent::Failed {
        folder: "recordings/live_00000".into(),
        reason: RecorderError::Write("permission denied".to_owned()),
    });
    app.update();
    let text = &app.world().get::<Text>(notice).unwrap().0;
    assert!(
        text.contains("live_00000") && text.contains("permission denied"),
        "{text}"
    );
}
