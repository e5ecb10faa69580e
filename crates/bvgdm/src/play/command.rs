//! What a game asks of a world that plays.

use bevy::prelude::*;
use bvgdm_core::Frame;

use super::input::WorldInput;
use super::world::{Held, NeuralWorld, NextStart, Reloading, Running, WorldStatus};
use crate::engine::{Begin, Start};

/// Something that a neural world shall do; `world` is the entity with the
/// [`NeuralWorld`].
#[derive(Message, Debug, Clone)]
pub enum WorldCommand {
    /// Begin again: where this seed says. A world that has failed tries once more, and reads its files again
    /// if they were what was wrong.
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
    /// Generate no more frames until [`Resume`](Self::Resume), whatever else is asked for; a new beginning
    /// shows its first one.
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
    mut commands: Commands,
    mut orders: MessageReader<WorldCommand>,
    server: Option<Res<AssetServer>>,
    mut worlds: Query<(
        &mut NeuralWorld,
        &mut WorldStatus,
        &mut WorldInput,
        &mut Held,
        Option<&mut Running>,
    )>,
) {
    for order in orders.read() {
        // A world that is gone needs no orders.
        let Ok((mut world, mut status, mut input, mut held, running)) =
            worlds.get_mut(order.world())
        else {
            continue;
        };
        let start = match order {
            WorldCommand::Pause { .. } => {
                held.0 = true;
                if *status == WorldStatus::Playing {
                    *status = WorldStatus::Paused;
                }
                continue;
            }
            WorldCommand::Resume { .. } => {
                held.0 = false;
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
            // The engine starts there; after a failure, once more.
            None => {
                let asset = world.asset.id();
                let mut entity = commands.entity(order.world());
                entity.insert(NextStart {
                    start,
                    asset,
                    refused: None,
                });
                if let Some(server) = &server
                    && server.load_state(&world.asset).is_failed()
                    && let Some(path) = world.asset.path()
                {
                    server.reload(path.clone());
                    entity.insert(Reloading);
                }
                *status = WorldStatus::Loading;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_start(order: impl Fn(Entity) -> WorldCommand) -> (Start, u64) {
        let mut app = App::new();
        app.add_message::<WorldCommand>()
            .add_systems(Update, obey_commands);
        // One whose device was lost: the next engine is being made ready.
        let before = Start::Latent([0.0].into());
        let world = app.world_mut();
        let next = NextStart {
            start: before,
            asset: NeuralWorld::default().asset.id(),
            refused: None,
        };
        let world = world.spawn((NeuralWorld::default(), next)).id();
        app.world_mut().write_message(order(world));
        app.update();
        let start = app.world().get::<NextStart>(world).unwrap().start.clone();
        let settings = app.world().get::<NeuralWorld>(world).unwrap().settings;
        (start, settings.seed)
    }

    #[test]
    fn a_world_without_an_engine_begins_where_it_was_told_last() {
        let reset = |world| WorldCommand::Reset { world, seed: 7 };
        assert_eq!(next_start(reset), (Start::OfSeed, 7));
        let picture = Frame::new(1, 1, vec![1, 2, 3]).unwrap();
        let reseed = |world| WorldCommand::Reseed {
            world,
            picture: picture.clone(),
        };
        assert_eq!(next_start(reseed), (Start::Picture(picture.clone()), 0));
    }
}
