//! What a game asks of a world that plays.

use bevy::prelude::*;
use bvgdm_core::Frame;

use super::input::WorldInput;
use super::world::{NeuralWorld, Running, WorldStatus};
use crate::engine::{Begin, Start};

/// Something that a neural world shall do; `world` is the entity with the
/// [`NeuralWorld`].
#[derive(Message, Debug, Clone)]
pub enum WorldCommand {
    /// Begin again: where this seed says.
    Reset {
        /// Which world.
        world: Entity,
        /// The new seed.
        seed: u64,
    },
    /// Begin again, in this picture (cropped and scaled to the world's size).
    Reseed {
        /// Which world.
        world: Entity,
        /// What the first frame shall be.
        picture: Frame,
    },
    /// Generate no more frames.
    Pause {
        /// Which world.
        world: Entity,
    },
    /// Go on.
    Resume {
        /// Which world.
        world: Entity,
    },
}

impl WorldCommand {
    /// The entity with the [`NeuralWorld`].
    pub fn world(&self) -> Entity {
        match *self {
            Self::Reset { world, .. }
            | Self::Reseed { world, .. }
            | Self::Pause { world }
            | Self::Resume { world } => world,
        }
    }
}

pub(super) fn obey_commands(
    mut orders: MessageReader<WorldCommand>,
    mut worlds: Query<(
        &mut NeuralWorld,
        &mut WorldStatus,
        &mut WorldInput,
        Option<&mut Running>,
    )>,
) {
    for order in orders.read() {
        // A world that is gone needs no orders.
        let Ok((mut world, mut status, mut input, running)) = worlds.get_mut(order.world()) else {
            continue;
        };
        let start = match order {
            WorldCommand::Pause { .. } => {
                if *status == WorldStatus::Playing {
                    *status = WorldStatus::Paused;
                }
                continue;
            }
            WorldCommand::Resume { .. } => {
                if *status == WorldStatus::Paused {
                    *status = WorldStatus::Playing;
                }
                continue;
            }
            WorldCommand::Reset { seed, .. } => {
                world.settings.seed = *seed;
                Start::OfSeed
            }
            WorldCommand::Reseed { picture, .. } => Start::Picture(picture.clone()),
        };
        input.clear();
        match running {
            Some(mut running) => {
                running.begin = Some(Begin {
                    seed: world.settings.seed,
                    start,
                });
                running.since_due = 0.0;
            }
            // The engine starts with the new seed; after a failure, once more.
            None => *status = WorldStatus::Loading,
        }
    }
}
