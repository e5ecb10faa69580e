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
use leafwing_input_manager::prelude::{
    ActionState, AxislikeChord, InputMap, MouseMoveAxis, WithAxisProcessingPipelineExt as _,
};

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
    let mut arena = Arena::new(ArenaAction::default_bindings());
    let sum = arena.held(|app| {
        press(app, KeyCode::Space, true);
        app.update();
        press(app, KeyCode::Space, false);
        move_mouse(app, 3);
    });
    assert_eq!(sum("jump"), 1.0);
    // 0.12 degrees a pixel.
    assert!((sum("yaw") - 1.8).abs() < 1e-4, "{}", sum("yaw"));
    assert_eq!(sum("forward"), 0.0);
}

#[test]
fn what_the_game_has_disabled_is_not_held_nor_moved() {
    let mut arena = Arena::new(ArenaAction::default_bindings());
    let mut state = arena
        .app
        .world_mut()
        .query::<&mut ActionState<ArenaAction>>();
    state.single_mut(arena.app.world_mut()).unwrap().disable();
    let sum = arena.held(|app| {
        press(app, KeyCode::KeyW, true);
        move_mouse(app, 3);
    });
    assert_eq!([sum("forward"), sum("yaw")], [0.0, 0.0]);
}

#[test]
fn what_a_menu_is_told_while_time_stands_is_nothing_to_the_world() {
    let mut arena = Arena::new(ArenaAction::default_bindings());
    let sum = arena.held(|app| {
        app.world_mut().resource_mut::<Time<Virtual>>().pause();
        press(app, KeyCode::Space, true);
        move_mouse(app, 10);
        press(app, KeyCode::Space, false);
        app.update();
        app.world_mut().resource_mut::<Time<Virtual>>().unpause();
    });
    assert_eq!([sum("jump"), sum("yaw")], [0.0, 0.0]);
}

#[test]
fn the_mouse_adds_up_with_a_button_held_too() {
    let look = AxislikeChord::new(KeyCode::KeyQ, MouseMoveAxis::X.sensitivity(0.1));
    let mut arena = Arena::new(InputMap::default().with_axis(ArenaAction::Yaw, look));
    assert_eq!(arena.held(|app| move_mouse(app, 1))("yaw"), 0.0);
    let sum = arena.held(|app| {
        press(app, KeyCode::KeyQ, true);
        move_mouse(app, 3);
        press(app, KeyCode::KeyQ, false);
    });
    assert!((sum("yaw") - 1.5).abs() < 1e-4, "{}", sum("yaw"));
}

/// A game with the arena's actions, five scene frames for each of the model.
struct Arena {
    app: App,
    manifest: WorldManifest,
    _folder: tempfile::TempDir,
}

impl Arena {
    fn new(bindings: InputMap<ArenaAction>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = write_world(folder.path(), "a");
        let mut app = game(folder.path(), Duration::from_millis(10));
        app.add_plugins((InputPlugin, InputManagerPlugin::<ArenaAction>::default()))
            .add_plugins(WorldActionsPlugin::<ArenaAction>::default());
        let world = spawn(&mut app, "a", default());
        app.world_mut().entity_mut(world).insert(bindings);
        until(&mut app, |app| !log(app).ready.is_empty());
        Self {
            app,
            manifest,
            _folder: folder,
        }
    }

    /// The sum of what an action was in the frames of the model that belong to these of the scene.
    fn held(&mut self, scene: impl FnOnce(&mut App)) -> impl Fn(&str) -> f32 {
        let count = |app: &App| log(app).frames.len();
        // From a frame on, so that those of the scene belong to one of the model.
        let before = count(&self.app);
        until(&mut self.app, |app| count(app) > before);
        let before = count(&self.app);
        scene(&mut self.app);
        until(&mut self.app, |app| count(app) > before + 2);
        move |name| {
            let index = self.manifest.schema.index_of(name).unwrap();
            let frames = log(&self.app).frames[before..].iter();
            frames.map(|frame| frame.action.0[index]).sum()
        }
    }
}

/// Five pixels to the right in each of so many scene frames.
fn move_mouse(app: &mut App, frames: usize) {
    for _ in 0..frames {
        app.world_mut().write_message(MouseMotion {
            delta: Vec2::new(5.0, 0.0),
        });
        app.update();
    }
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
