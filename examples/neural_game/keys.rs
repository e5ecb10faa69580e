//! The keys that are not the world's.

use bevy::prelude::*;
use bvgdm::{NeuralWorld, WorldCommand, WorldStatus};

use super::stage::{Played, Stage};

/// R begins again in the same first frame, Shift and R in another one; P pauses.
pub struct KeysPlugin;

impl Plugin for KeysPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            Update,
            (reset_world, pause_world).run_if(in_state(Stage::Playing)),
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
        let seed = played.settings.seed;
        let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
        let seed = if shift { elsewhere(seed) } else { seed };
        begin(&mut commands, world, seed);
    }
}

/// The seed of another first frame.
pub fn elsewhere(seed: u64) -> u64 {
    seed.wrapping_add(1)
}

/// Has the world begin again, and play.
pub fn begin(commands: &mut MessageWriter<WorldCommand>, world: Entity, seed: u64) {
    commands.write(WorldCommand::Reset { world, seed });
    commands.write(WorldCommand::Resume { world });
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
