//! The player's hands in a page: pointer lock is the page's, and so are its own controls.

use std::collections::BTreeMap;

use bevy::input::InputSystems;
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::prelude::*;
use bvgdm::NeuralWorld;
use bvgdm::WorldAsset;
use bvgdm::play::{PlaySystems, WorldInput};
use leafwing_input_manager::plugin::InputManagerSystem;

use crate::neural_game::stage::Played;

/// What the page has told of the player's hands.
#[derive(Resource, Debug, Default)]
pub struct Hands {
    /// What is held on the page's own controls, by the schema's names.
    pub held: BTreeMap<String, f32>,
    /// Whether the page has the pointer.
    pub pointer: bool,
}

/// Makes [`Hands`] count.
pub struct HandsPlugin;

impl Plugin for HandsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Hands>().add_systems(
            PreUpdate,
            (
                ignore_free_mouse
                    .after(InputSystems)
                    .before(InputManagerSystem::Unify),
                hold_controls.after(PlaySystems::Collect),
            ),
        );
    }
}

/// A mouse that is free moves a pointer, not the view.
fn ignore_free_mouse(hands: Res<Hands>, mut motion: ResMut<AccumulatedMouseMotion>) {
    if !hands.pointer {
        motion.delta = Vec2::ZERO;
    }
}

/// The page's own controls count beside the keys.
pub(super) fn hold_controls(
    hands: Res<Hands>,
    assets: Res<Assets<WorldAsset>>,
    played: Played<(&NeuralWorld, &mut WorldInput)>,
) {
    let Some(played) = played else { return };
    let (world, mut input) = played.into_inner();
    let Some(asset) = assets.get(&world.asset) else {
        return;
    };
    let schema = &asset.manifest().schema;
    for (name, value) in &hands.held {
        if let Some(index) = schema.index_of(name).filter(|_| value.is_finite()) {
            input.hold(schema, index, *value);
        }
    }
}
