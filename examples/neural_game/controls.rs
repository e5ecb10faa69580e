//! The keys of the world that is played: the arena's, or, for a world of another game, those that the
//! names of its actions usually stand for.

use std::fmt;

use arena::ArenaAction;
use arena::input::{KEY_PITCH, KEY_YAW, MOUSE_DEGREES};
use bevy::input::mouse::AccumulatedMouseMotion;
use bevy::prelude::*;
use bvgdm::play::{PlaySystems, WorldInput};
use bvgdm::{ActionMap, NeuralWorld, WorldAsset};
use bvgdm_core::{ActionKind, ActionSchema, ActionSpec};
use leafwing_input_manager::action_state::ActionState;
use leafwing_input_manager::plugin::InputManagerSystem;

use super::loading::WorldFile;

/// Gives every world the keys of its schema.
pub struct ControlsPlugin;

/// What plays a world.
#[derive(Component, Debug)]
pub struct Controls {
    schema: ActionSchema,
    /// What each action is made from, in the schema's order; none where it is [`ArenaAction`]'s keys.
    usual: Option<Vec<Option<Usual>>>,
}

/// What an action is usually made from, and what a player calls it.
type Usual = (Source, &'static str);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    Key(KeyCode),
    Click(MouseButton),
    /// Degrees of the mouse and the arrow keys in this direction: x to the right, y downwards.
    Look(Vec2),
}

/// The names of Oasis' and the arena's actions, without those whose keys are the game's own (F and Escape).
const USUAL: [(&str, Source, &str); 25] = [
    ("forward", Source::Key(KeyCode::KeyW), "W"),
    ("back", Source::Key(KeyCode::KeyS), "S"),
    ("left", Source::Key(KeyCode::KeyA), "A"),
    ("right", Source::Key(KeyCode::KeyD), "D"),
    ("jump", Source::Key(KeyCode::Space), "Space"),
    ("sneak", Source::Key(KeyCode::ShiftLeft), "Shift"),
    ("sprint", Source::Key(KeyCode::ControlLeft), "Ctrl"),
    ("drop", Source::Key(KeyCode::KeyQ), "Q"),
    ("inventory", Source::Key(KeyCode::KeyE), "E"),
    ("attack", Source::Click(MouseButton::Left), "click"),
    ("use", Source::Click(MouseButton::Right), "right click"),
    (
        "pickItem",
        Source::Click(MouseButton::Middle),
        "middle click",
    ),
    ("hotbar.1", Source::Key(KeyCode::Digit1), "1"),
    ("hotbar.2", Source::Key(KeyCode::Digit2), "2"),
    ("hotbar.3", Source::Key(KeyCode::Digit3), "3"),
    ("hotbar.4", Source::Key(KeyCode::Digit4), "4"),
    ("hotbar.5", Source::Key(KeyCode::Digit5), "5"),
    ("hotbar.6", Source::Key(KeyCode::Digit6), "6"),
    ("hotbar.7", Source::Key(KeyCode::Digit7), "7"),
    ("hotbar.8", Source::Key(KeyCode::Digit8), "8"),
    ("hotbar.9", Source::Key(KeyCode::Digit9), "9"),
    ("yaw", Source::Look(Vec2::X), "mouse, arrows"),
    ("pitch", Source::Look(Vec2::NEG_Y), "mouse, arrows"),
    // In spite of their names.
    ("cameraY", Source::Look(Vec2::X), "mouse, arrows"),
    ("cameraX", Source::Look(Vec2::Y), "mouse, arrows"),
];

/// What [`ArenaAction::default_bindings`] are, to a player.
const ARENA: [(&str, &str); 5] = [
    ("walk", "W A S D"),
    ("look around", "mouse, arrows"),
    ("jump", "Space"),
    ("attack", "click"),
    ("use", "E"),
];

/// Actions in a line of the help.
const LINE: usize = 8;

impl Plugin for ControlsPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            PreUpdate,
            (
                // Before anybody takes the world's actions for the arena's.
                choose_controls
                    .after(PlaySystems::Receive)
                    .before(PlaySystems::Collect),
                hold_usual
                    .in_set(PlaySystems::Collect)
                    .after(InputManagerSystem::Update),
            ),
        );
    }
}

impl Controls {
    fn of(schema: &ActionSchema) -> Self {
        let usual = match ActionMap::<ArenaAction>::for_schema(schema) {
            Ok(_) => None,
            Err(_) => Some(schema.actions.iter().map(find_usual).collect()),
        };
        Self {
            schema: schema.clone(),
            usual,
        }
    }

    /// What can be done, and what a player presses or moves for it; none where no key is known.
    pub fn keys(&self) -> Vec<(String, Option<&'static str>)> {
        match &self.usual {
            None => ARENA
                .iter()
                .map(|&(does, key)| (does.to_owned(), Some(key)))
                .collect(),
            Some(usual) => {
                let keys = usual.iter().map(|usual| usual.map(|(_, key)| key));
                self.schema.names().map(str::to_owned).zip(keys).collect()
            }
        }
    }
}

/// What a player may press, and what no key is known for.
impl fmt::Display for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self
            .keys()
            .into_iter()
            .map(|(does, key)| format!("{does}: {}", key.unwrap_or("no key")))
            .collect();
        let lines: Vec<_> = all.chunks(LINE).map(|line| line.join("   ")).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Buttons are made from keys and clicks, axes from motion.
fn find_usual(action: &ActionSpec) -> Option<Usual> {
    let axis = matches!(action.kind, ActionKind::Axis { .. });
    USUAL
        .iter()
        .filter(|(_, source, _)| matches!(source, Source::Look(_)) == axis)
        .find(|(name, ..)| *name == action.name)
        .map(|&(_, source, key)| (source, key))
}

/// Once the schema is known, and again if another file has taken the world's place.
fn choose_controls(
    mut commands: Commands,
    assets: Res<Assets<WorldAsset>>,
    worlds: Query<(Entity, &NeuralWorld, Option<&Controls>)>,
) {
    for (entity, world, controls) in &worlds {
        let Some(asset) = assets.get(&world.asset) else {
            continue;
        };
        let schema = &asset.manifest().schema;
        if controls.is_some_and(|controls| controls.schema == *schema) {
            continue;
        }
        let controls = Controls::of(schema);
        let mut entity = commands.entity(entity);
        // A world without the arena's actions beside it is not taken for the arena's.
        if controls.usual.is_some() {
            entity.remove::<ActionState<ArenaAction>>();
        } else {
            entity.insert_if_new(ActionState::<ArenaAction>::default());
        }
        entity.insert(controls);
    }
}

fn hold_usual(
    keys: Res<ButtonInput<KeyCode>>,
    buttons: Res<ButtonInput<MouseButton>>,
    motion: Res<AccumulatedMouseMotion>,
    file: Res<WorldFile>,
    mut worlds: Query<(&Controls, &mut WorldInput)>,
) {
    let axis = |plus, minus| {
        let held = |key| f32::from(u8::from(keys.pressed(key)));
        held(plus) - held(minus)
    };
    let arrows = Vec2::new(
        KEY_YAW * axis(KeyCode::ArrowRight, KeyCode::ArrowLeft),
        KEY_PITCH * axis(KeyCode::ArrowDown, KeyCode::ArrowUp),
    );
    let moved = motion.delta * MOUSE_DEGREES * file.mouse;
    for (controls, mut input) in &mut worlds {
        let usual = controls.usual.iter().flatten().enumerate();
        let sources = usual.filter_map(|(index, usual)| Some((index, usual.as_ref()?.0)));
        for (index, source) in sources {
            let held = match source {
                Source::Key(key) => f32::from(u8::from(keys.pressed(key))),
                Source::Click(button) => f32::from(u8::from(buttons.pressed(button))),
                Source::Look(direction) => {
                    input.add(index, direction.dot(moved));
                    direction.dot(arrows)
                }
            };
            input.hold(&controls.schema, index, held);
        }
    }
}
