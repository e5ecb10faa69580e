//! The keys that are not the world's.

use bevy::prelude::*;
use bvgdm::play::EngineChoice;
use bvgdm::{NeuralWorld, WorldCommand, WorldStatus};

use super::stage::{Played, Stage};

/// R resets, P pauses, G takes the next engine.
pub struct KeysPlugin;

impl Plugin for KeysPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            Update,
            (reset_world, pause_world, switch_engine).run_if(in_state(Stage::Playing)),
        );
    }
}

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
            EngineChoice::Fragment => EngineChoice::BurnWgpu,
            EngineChoice::BurnWgpu => EngineChoice::Auto,
        };
    }
}
