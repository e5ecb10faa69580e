//! What a person does between two ticks counts for the next one: the display may be faster than
//! the rules, and mouse motion or a short press must not be lost.

use bevy::input::InputSystems;
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::platform::collections::HashSet;
use bevy::prelude::*;
use leafwing_input_manager::plugin::InputManagerSystem;
use leafwing_input_manager::prelude::*;

use crate::game::plugin::{ArenaSystems, Player};
use crate::input::ArenaAction;

/// Carries input over to the next tick.
pub struct HeldInputPlugin;

/// Since the last tick.
#[derive(Resource, Default)]
struct Held {
    motion: Vec2,
    pressed: HashSet<ArenaAction>,
}

impl Plugin for HeldInputPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Held>()
            .add_systems(
                PreUpdate,
                (
                    carry_motion
                        .after(InputSystems)
                        .before(InputManagerSystem::Unify),
                    note_presses.after(InputManagerSystem::Update),
                ),
            )
            .add_systems(FixedPreUpdate, press_noted.in_set(ArenaSystems::Decide))
            .add_systems(FixedLast, forget);
    }
}

fn carry_motion(mut motion: ResMut<AccumulatedMouseMotion>, mut held: ResMut<Held>) {
    held.motion += motion.delta;
    motion.delta = held.motion;
}

fn note_presses(mut held: ResMut<Held>, player: Single<&ActionState<ArenaAction>, With<Player>>) {
    held.pressed.extend(player.get_pressed());
}

fn press_noted(held: Res<Held>, mut player: Single<&mut ActionState<ArenaAction>, With<Player>>) {
    for action in &held.pressed {
        player.press(action);
    }
}

fn forget(mut held: ResMut<Held>) {
    *held = Held::default();
}
