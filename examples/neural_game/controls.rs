//! The keys that are not the world's, and the mouse.

use bevy::input::InputSystems;
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::prelude::*;
use bevy::window::{CursorGrabMode, CursorOptions, PrimaryWindow};
use bvgdm::play::EngineChoice;
use bvgdm::{NeuralWorld, WorldCommand, WorldStatus};
use leafwing_input_manager::plugin::InputManagerSystem;

use super::game::{Played, Stage};

/// R resets, P pauses, G takes the next engine, a click takes the mouse and Esc frees it.
pub struct ControlsPlugin;

impl Plugin for ControlsPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            PreUpdate,
            ignore_free_mouse
                .after(InputSystems)
                .before(InputManagerSystem::Unify),
        )
        .add_systems(
            Update,
            (
                (reset_world, pause_world, switch_engine).run_if(in_state(Stage::Playing)),
                grab_mouse,
            ),
        )
        .add_systems(OnExit(Stage::Playing), free_mouse);
    }
}

type Cursor<'w, 's> = Single<'w, 's, &'static mut CursorOptions, With<PrimaryWindow>>;

fn reset_world(
    keys: Res<ButtonInput<KeyCode>>,
    played: Played<(Entity, &NeuralWorld)>,
    mut commands: MessageWriter<WorldCommand>,
) {
    if let Some((world, played)) = played.map(Single::into_inner)
        && keys.just_pressed(KeyCode::KeyR)
    {
        let seed = played.settings.seed.wrapping_add(1);
        commands.write(WorldCommand::Reset { world, seed });
        commands.write(WorldCommand::Resume { world });
    }
}

fn pause_world(
    keys: Res<ButtonInput<KeyCode>>,
    played: Played<(Entity, &WorldStatus)>,
    mut commands: MessageWriter<WorldCommand>,
) {
    if let Some((world, status)) = played.map(Single::into_inner)
        && keys.just_pressed(KeyCode::KeyP)
    {
        commands.write(match status {
            WorldStatus::Paused => WorldCommand::Resume { world },
            _ => WorldCommand::Pause { world },
        });
    }
}

fn switch_engine(keys: Res<ButtonInput<KeyCode>>, played: Played<&mut NeuralWorld>) {
    if let Some(mut world) = played
        && keys.just_pressed(KeyCode::KeyG)
    {
        let engine = &mut world.settings.engine;
        *engine = match *engine {
            EngineChoice::Auto => EngineChoice::Cpu,
            EngineChoice::Cpu => EngineChoice::Passes,
            EngineChoice::Passes => EngineChoice::Fragment,
            EngineChoice::Fragment => EngineChoice::Auto,
        };
    }
}

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
