//! The mouse of a first-person game: a click takes it, Esc frees it.

use bevy::input::InputSystems;
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::prelude::*;
use bevy::window::{CursorGrabMode, CursorOptions, PrimaryWindow};
use leafwing_input_manager::plugin::InputManagerSystem;

/// A click takes the mouse, if [`TakesMouse`], and Esc frees it. While it is free it moves a pointer, not the
/// view, and clicks are none of the game's, the one that takes it included.
pub struct MousePlugin;

/// Whether a click takes the mouse now; where not, it is free.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakesMouse(pub bool);

impl Plugin for MousePlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(TakesMouse(true)).add_systems(
            PreUpdate,
            (take_or_free, ignore_free_mouse)
                .chain()
                .after(InputSystems)
                .before(InputManagerSystem::Unify),
        );
    }
}

type Cursor<'w, 's> = Single<'w, 's, &'static mut CursorOptions, With<PrimaryWindow>>;

fn take_or_free(
    keys: Res<ButtonInput<KeyCode>>,
    mut buttons: ResMut<ButtonInput<MouseButton>>,
    takes: Res<TakesMouse>,
    mut cursor: Cursor,
) {
    let free = cursor.grab_mode == CursorGrabMode::None;
    if !free && (keys.just_pressed(KeyCode::Escape) || !takes.0) {
        cursor.grab_mode = CursorGrabMode::None;
        cursor.visible = true;
    } else if free && takes.0 && buttons.just_pressed(MouseButton::Left) {
        cursor.grab_mode = CursorGrabMode::Locked;
        cursor.visible = false;
        // Until it is pressed again.
        buttons.reset(MouseButton::Left);
    }
}

fn ignore_free_mouse(
    cursor: Cursor,
    mut motion: ResMut<AccumulatedMouseMotion>,
    mut buttons: ResMut<ButtonInput<MouseButton>>,
) {
    if cursor.grab_mode == CursorGrabMode::None {
        motion.delta = Vec2::ZERO;
        buttons.reset_all();
    }
}
