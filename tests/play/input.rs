//! From keys and mouse to the action of a frame.

use std::time::Duration;

use arena::ArenaAction;
use bevy::input::InputPlugin;
use bevy::input::mouse::MouseMotion;
use bevy::prelude::*;
use bvgdm::{ActionBinding, SchemaActions, WorldActionsPlugin};
use bvgdm_core::{ActionSpec, WorldManifest};
use leafwing_input_manager::Actionlike;
use leafwing_input_manager::plugin::InputManagerPlugin;
use leafwing_input_manager::prelude::InputMap;

use super::game::{failure, game, log, spawn, until};
use super::worlds::write_world;

/// A game of another kind.
#[derive(Actionlike, Debug, Clone, Copy, PartialEq, Eq, Hash, Reflect)]
enum Chess {
    Castle,
}

impl SchemaActions for Chess {
    fn bindings() -> Vec<ActionBinding<Self>> {
        vec![ActionBinding::new(
            Self::Castle,
            ActionSpec::button("castle"),
        )]
    }
}

#[test]
fn what_happens_between_two_frames_counts_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_world(folder.path(), "a");
    // Five scene frames for each of the model.
    let mut app = game(folder.path(), Duration::from_millis(10));
    app.add_plugins((InputPlugin, InputManagerPlugin::<ArenaAction>::default()))
        .add_plugins(WorldActionsPlugin::<ArenaAction>::default());
    let world = spawn(&mut app, "a", default());
    app.world_mut()
        .entity_mut(world)
        .insert(ArenaAction::default_bindings());
    until(&mut app, |app| !log(app).ready.is_empty());
    let count = |app: &App| log(app).frames.len();
    // From a frame on, so that the scene frames below belong to one of the model.
    let before = count(&app);
    until(&mut app, |app| count(app) > before);

    let before = count(&app);
    press(&mut app, KeyCode::Space, true);
    app.update();
    press(&mut app, KeyCode::Space, false);
    for _ in 0..3 {
        app.world_mut().write_message(MouseMotion {
            delta: Vec2::new(5.0, 0.0),
        });
        app.update();
    }
    until(&mut app, |app| count(app) > before + 2);
    let sum = |name: &str| {
        let index = manifest.schema.index_of(name).unwrap();
        log(&app).frames[before..]
            .iter()
            .map(|frame| frame.action.0[index])
            .sum::<f32>()
    };
    assert_eq!(sum("jump"), 1.0);
    // 0.12 degrees a pixel.
    assert!((sum("yaw") - 1.8).abs() < 1e-4, "{}", sum("yaw"));
    assert_eq!(sum("forward"), 0.0);
}

fn press(app: &mut App, key: KeyCode, down: bool) {
    let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
    if down {
        keys.press(key);
    } else {
        keys.release(key);
    }
}

#[test]
fn a_world_of_another_game_stops_and_both_sides_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let manifest: WorldManifest = write_world(folder.path(), "a");
    let mut app = game(folder.path(), Duration::from_millis(10));
    app.add_plugins((InputPlugin, InputManagerPlugin::<Chess>::default()))
        .add_plugins(WorldActionsPlugin::<Chess>::default());
    let world = spawn(&mut app, "a", default());
    app.world_mut()
        .entity_mut(world)
        .insert(InputMap::new([(Chess::Castle, KeyCode::KeyC)]));
    until(&mut app, |app| failure(app, world).is_some());
    let reason = failure(&app, world).unwrap();
    let names = manifest.schema.names().chain(["castle"]);
    for name in names {
        assert!(reason.contains(name), "{name} is not in: {reason}");
    }
}
