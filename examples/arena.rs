//! The arena, to play: WASD, mouse or arrow keys, Space, left button, E. F9 records, Escape frees
//! the mouse. `cargo run --release --example arena -- [SEED]`.

use arena::{ArenaAction, ArenaCamera, ArenaPlugin, Driver, ResetArena};
use bevy::prelude::*;
use bevy::window::{CursorGrabMode, CursorOptions};
use bvgdm::record::{RecordedCamera, RecorderPlugin, RecorderSettings};

fn main() -> AppExit {
    let seed = std::env::args()
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(1);
    let window = Window {
        title: "Arena".to_owned(),
        resolution: (1120, 640).into(),
        ..default()
    };
    let recorder = RecorderSettings {
        game: "arena".to_owned(),
        seed,
        ..default()
    };
    App::new()
        .add_plugins(DefaultPlugins.set(WindowPlugin {
            primary_window: Some(window),
            ..default()
        }))
        .add_plugins(ArenaPlugin {
            seed,
            driver: Driver::Person,
        })
        .add_plugins(RecorderPlugin::<ArenaAction>::new(recorder))
        .add_systems(PostStartup, name_camera)
        .add_systems(Update, (grab_mouse, restart))
        .run()
}

fn name_camera(mut commands: Commands, camera: Single<Entity, With<ArenaCamera>>) {
    commands.entity(*camera).insert(RecordedCamera);
}

fn grab_mouse(
    mut cursor: Single<&mut CursorOptions>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
) {
    if buttons.just_pressed(MouseButton::Left) {
        cursor.grab_mode = CursorGrabMode::Locked;
        cursor.visible = false;
    }
    if keys.just_pressed(KeyCode::Escape) {
        cursor.grab_mode = CursorGrabMode::None;
        cursor.visible = true;
    }
}

fn restart(
    keys: Res<ButtonInput<KeyCode>>,
    mut seed: Local<u64>,
    mut resets: MessageWriter<ResetArena>,
) {
    if keys.just_pressed(KeyCode::KeyR) {
        *seed += 1;
        resets.write(ResetArena { seed: *seed });
    }
}
