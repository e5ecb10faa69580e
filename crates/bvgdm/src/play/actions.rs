//! A game's own leafwing actions to a world's schema, by their names.

use std::marker::PhantomData;

use bevy::prelude::*;
use leafwing_input_manager::Actionlike;
use leafwing_input_manager::action_state::ActionState;
use leafwing_input_manager::input_map::InputMap;
use leafwing_input_manager::plugin::InputManagerSystem;
use leafwing_input_manager::user_input::updating::CentralInputStore;
use leafwing_input_manager::user_input::{Axislike, AxislikeChord, MouseMoveAxis, MouseScrollAxis};

use super::input::WorldInput;
use super::plugin::PlaySystems;
use super::world::{NeuralWorld, Running, WorldFailed, WorldStatus, fail};
use crate::actions::{ActionMap, SchemaActions};

/// Plays every [`NeuralWorld`] that has an `ActionState<A>` beside it with those actions.
///
/// Buttons held at any time since the world's last frame count; mouse motion adds up; a key or a
/// stick on an axis counts with its last value. What leafwing has disabled is not held. Leafwing's `InputManagerPlugin::<A>` has to be
/// added by the game.
pub struct WorldActionsPlugin<A>(PhantomData<A>);

impl<A> Default for WorldActionsPlugin<A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<A: SchemaActions> Plugin for WorldActionsPlugin<A> {
    fn build(&self, app: &mut App) {
        app.add_systems(
            PreUpdate,
            (map_actions::<A>, collect_actions::<A>)
                .chain()
                .in_set(PlaySystems::Collect)
                .after(InputManagerSystem::ManualControl)
                .after(InputManagerSystem::Update),
        );
    }
}

/// The game's actions in the order of the world's schema.
#[derive(Component)]
struct Mapped<A: Actionlike>(ActionMap<A>);

/// Maps a world that has just got its engine, or another schema with it; a mismatch ends it.
fn map_actions<A: SchemaActions>(
    mut commands: Commands,
    mut failures: MessageWriter<WorldFailed>,
    mut worlds: Query<
        (Entity, &mut WorldStatus, &Running, Option<&Mapped<A>>),
        (With<NeuralWorld>, With<ActionState<A>>),
    >,
) {
    for (entity, mut status, running, mapped) in &mut worlds {
        let schema = &running.manifest.schema;
        if mapped.is_some_and(|mapped| mapped.0.schema() == schema) {
            continue;
        }
        match ActionMap::<A>::for_schema(schema) {
            Ok(map) => {
                commands.entity(entity).insert(Mapped(map));
            }
            Err(error) => {
                fail(
                    &mut commands,
                    &mut failures,
                    entity,
                    &mut status,
                    error.to_string(),
                );
            }
        }
    }
}

fn collect_actions<A: SchemaActions>(
    store: Option<Res<CentralInputStore>>,
    mut worlds: Query<(
        &Mapped<A>,
        &ActionState<A>,
        Option<&InputMap<A>>,
        &mut WorldInput,
    )>,
) {
    for (Mapped(mapped), state, map, mut input) in &mut worlds {
        let schema = mapped.schema();
        for (index, (spec, action)) in schema.actions.iter().zip(mapped.actions()).enumerate() {
            if spec.kind == bvgdm_core::ActionKind::Button {
                input.hold(schema, index, f32::from(u8::from(state.pressed(action))));
                continue;
            }
            let motion = match (map, &store) {
                (Some(map), Some(store)) if !state.action_disabled(action) => {
                    motion(map, action, store)
                }
                _ => 0.0,
            };
            input.add(index, motion);
            input.hold(schema, index, state.value(action) - motion);
        }
    }
}

/// How far the mouse has moved `action` in this scene frame: the part of an axis that adds up.
fn motion<A: Actionlike>(map: &InputMap<A>, action: &A, store: &CentralInputStore) -> f32 {
    let inputs = map.get_axislike(action).into_iter().flatten();
    let inputs = inputs.filter(|input| moves(input.as_ref()));
    inputs
        .map(|input| input.value(store, Entity::PLACEHOLDER))
        .sum()
}

/// Whether the mouse moves it, with a button held or without.
fn moves(input: &dyn Axislike) -> bool {
    let input: &dyn Reflect = input;
    match input.downcast_ref::<AxislikeChord>() {
        Some(chord) => moves(chord.axis.as_ref()),
        None => input.is::<MouseMoveAxis>() || input.is::<MouseScrollAxis>(),
    }
}
