//! The mouse: a click takes it, Esc frees it.

use bevy::input::InputSystems;
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::prelude::*;
use bevy::window::{CursorGrabMode, CursorOptions, PrimaryWindow};
use leafwing_input_manager::plugin::InputManagerSystem;

use crate::neural_game::stage::Stage;

/// A click takes the mouse and Esc frees it.
pub struct MousePlugin;

impl Plugin for MousePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            PreUpdate,
            ignore_free_mouse
                .after(InputSystems)
                .before(InputManagerSystem::Unify),
        )
        .add_systems(Update, grab_mouse)
        .add_systems(OnExit(Stage::Playing), free_mouse);
    }
}

type Cursor<'w, 's> = Single<'w, 's, &'static mut CursorOptions, With<PrimaryWindow>>;

fn grab_mouse(
    keys: Res<ButtonInput<KeyCode>>,
    buttons: Res<ButtonInput<MouseButton>>,
    stage: Res<State<Stage>>,
    cursor: Cursor,
) {
    if keys.just_pressed(KeyCode::Escape) {
        free_mouse(cursor);
    } else if *stage.get() == Stage::Playing && buttons.just_pressed(MouseButton::Left) {
        let mut cursor = cursor;
        cursor.grab_mode = CursorGrabMode::Locked;
        cursor.visible = false;
    }
}

fn free_mouse(mut cursor: Cursor) {
    cursor.grab_mode = CursorGrabMode::None;
    cursor.visible = true;
}

/// A mouse that is free moves a pointer, not the view.
fn ignore_free_mouse(cursor: Cursor, mut motion: ResMut<AccumulatedMouseMotion>) {
    if cursor.grab_mode == CursorGrabMode::None {
        motion.delta = Vec2::ZERO;
    }
}
