//! A game's own leafwing actions and a schema's names: the mapping between the two.

use bevy::prelude::Resource;
use bvgdm_core::{ActionKind, ActionSchema, ActionSpec, ActionVector};
use leafwing_input_manager::action_state::ActionState;
use leafwing_input_manager::{Actionlike, InputControlKind};

/// One action of a game and the name, kind and range by which schemas know it.
///
/// Schemas know buttons and single axes. An action of two axes, such as leafwing's `DualAxis` for
/// walking or looking around, becomes two of one axis each: `Look` becomes `Yaw`, bound to
/// `MouseMoveAxis::X`, and `Pitch`, bound to `MouseMoveAxis::Y`.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionBinding<A> {
    /// The game's action.
    pub action: A,
    /// Name and kind; an axis' range is in the game's own units, of what one frame holds. What goes beyond it
    /// is recorded as its bound, and played as that: the game has to move by no more either.
    pub spec: ActionSpec,
}

impl<A> ActionBinding<A> {
    /// `action` is known as `spec`.
    pub fn new(action: A, spec: ActionSpec) -> Self {
        Self { action, spec }
    }
}

/// Gives a game's actions the names of a schema. Implement it for the game's `Actionlike` type;
/// recorder and player read their actions through it.
pub trait SchemaActions: Actionlike {
    /// Every action that a world model gets to know, in the order of the schema. A world plays in
    /// this game only if these are the actions that it was recorded with, by name and kind; of an axis the
    /// world's range holds.
    fn bindings() -> Vec<ActionBinding<Self>>;
}

/// Why a game's actions and a schema do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionMapError {
    /// The schema is not sound by itself.
    #[error("the game's actions: {0}")]
    Schema(String),
    /// An action is bound as what it is not.
    #[error("action {name}: the schema says {expected}, the game's input is a {found}")]
    Kind {
        /// The schema's name of the action.
        name: String,
        /// Button or axis, as the binding says.
        expected: &'static str,
        /// What the `Actionlike` type says.
        found: String,
    },
    /// The world and the game do not list the same actions.
    #[error(
        "actions differ: {differences}; the world understands [{world}], the game has [{game}]"
    )]
    Mismatch {
        /// What is on one side alone, or of another kind there.
        differences: String,
        /// The world's actions: names, kinds and ranges.
        world: String,
        /// The game's.
        game: String,
    },
}

/// The mapping between `ActionState<A>` and the vectors of one schema.
#[derive(Resource, Debug, Clone)]
pub struct ActionMap<A: Actionlike> {
    schema: ActionSchema,
    actions: Vec<A>,
}

impl<A: SchemaActions> ActionMap<A> {
    /// The game's own actions, in their own order: what a recording uses.
    ///
    /// # Errors
    /// When names repeat, ranges are wrong, or an action is bound as what it is not.
    pub fn of_game() -> Result<Self, ActionMapError> {
        let (actions, specs): (Vec<A>, Vec<ActionSpec>) = A::bindings()
            .into_iter()
            .map(|binding| (binding.action, binding.spec))
            .unzip();
        for (action, spec) in actions.iter().zip(&specs) {
            let kind = action.input_control_kind();
            let (sound, expected) = match spec.kind {
                ActionKind::Button => (kind == InputControlKind::Button, "button"),
                ActionKind::Axis { .. } => (kind == InputControlKind::Axis, "axis"),
            };
            if !sound {
                return Err(ActionMapError::Kind {
                    name: spec.name.clone(),
                    expected,
                    found: format!("{kind:?}"),
                });
            }
        }
        let schema = ActionSchema::new(specs).map_err(|e| ActionMapError::Schema(e.to_string()))?;
        Ok(Self { schema, actions })
    }

    /// The game's actions in the order of a world's schema: what playing uses.
    ///
    /// # Errors
    /// When one side has an action that the other lacks or knows as another kind; the error lists
    /// both sides.
    pub fn for_schema(schema: &ActionSchema) -> Result<Self, ActionMapError> {
        let game = Self::of_game()?;
        let actions: Vec<A> = schema
            .actions
            .iter()
            .filter_map(|wanted| {
                let found = game.schema.actions.iter().zip(&game.actions);
                let mut found = found
                    .filter(|(spec, _)| spec.name == wanted.name)
                    .filter(|(spec, _)| same_kind(spec.kind, wanted.kind));
                found.next().map(|(_, action)| action.clone())
            })
            .collect();
        if actions.len() != schema.len() || schema.len() != game.schema.len() {
            return Err(ActionMapError::Mismatch {
                differences: differences(schema, &game.schema),
                world: list(schema),
                game: list(&game.schema),
            });
        }
        Ok(Self {
            schema: schema.clone(),
            actions,
        })
    }

    /// The schema whose vectors this reads and writes.
    pub fn schema(&self) -> &ActionSchema {
        &self.schema
    }

    /// The game's actions, in the schema's order.
    pub(crate) fn actions(&self) -> &[A] {
        &self.actions
    }

    /// What `state` holds now, axes clamped to the schema's ranges.
    pub fn read(&self, state: &ActionState<A>) -> ActionVector {
        let values = self.schema.actions.iter().zip(&self.actions);
        let values = values.map(|(spec, action)| match spec.kind {
            ActionKind::Button => f32::from(u8::from(state.pressed(action))),
            ActionKind::Axis { .. } => state.value(action),
        });
        let mut vector = ActionVector(values.collect());
        self.schema.clamp(&mut vector);
        vector
    }

    /// Makes `state` hold what `vector` says: to replay a recording in the game itself.
    pub fn write(&self, vector: &ActionVector, state: &mut ActionState<A>) {
        let values = self.schema.actions.iter().zip(&self.actions).zip(&vector.0);
        for ((spec, action), &value) in values {
            match spec.kind {
                ActionKind::Button if value >= 0.5 => state.press(action),
                ActionKind::Button => state.release(action),
                ActionKind::Axis { .. } => state.set_value(action, value),
            }
        }
    }
}

fn same_kind(a: ActionKind, b: ActionKind) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

/// What a world's schema and a game's do not have in common, in one line.
fn differences(world: &ActionSchema, game: &ActionSchema) -> String {
    let find = |schema: &ActionSchema, name: &str| {
        let mut named = schema.actions.iter().filter(|spec| spec.name == name);
        named.next().map(|spec| spec.kind)
    };
    let of_world = world.actions.iter().filter_map(|spec| {
        let name = &spec.name;
        match find(game, name) {
            None => Some(format!("the game lacks {name}")),
            Some(kind) => {
                (!same_kind(kind, spec.kind)).then(|| format!("{name} is of another kind"))
            }
        }
    });
    let of_game = game
        .actions
        .iter()
        .filter(|spec| find(world, &spec.name).is_none());
    let of_game = of_game.map(|spec| format!("the world lacks {}", spec.name));
    let all: Vec<_> = of_world.chain(of_game).collect();
    all.join(", ")
}

/// Names, kinds and ranges of a schema in one line.
fn list(schema: &ActionSchema) -> String {
    let one = |spec: &ActionSpec| match spec.kind {
        ActionKind::Button => format!("{}: button", spec.name),
        ActionKind::Axis { min, max } => format!("{}: axis {min} to {max}", spec.name),
    };
    let all: Vec<_> = schema.actions.iter().map(one).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::prelude::Reflect;

    #[derive(Actionlike, Debug, Clone, PartialEq, Eq, Hash, Reflect)]
    enum Act {
        Jump,
        #[actionlike(Axis)]
        Turn,
    }

    impl SchemaActions for Act {
        fn bindings() -> Vec<ActionBinding<Self>> {
            vec![
                ActionBinding::new(Self::Jump, ActionSpec::button("jump")),
                ActionBinding::new(Self::Turn, ActionSpec::axis("turn", -4.0, 4.0)),
            ]
        }
    }

    #[test]
    fn actions_follow_the_world_s_order() {
        let world = ActionSchema::new([
            ActionSpec::axis("turn", -4.0, 4.0),
            ActionSpec::button("jump"),
        ])
        .unwrap();
        let map = ActionMap::<Act>::for_schema(&world).unwrap();
        let mut state = ActionState::<Act>::default();
        state.press(&Act::Jump);
        state.set_value(&Act::Turn, -9.0);
        assert_eq!(map.read(&state).0, [-4.0, 1.0]);
    }

    #[test]
    fn a_mismatch_says_what_differs_and_lists_both_sides() {
        let world = ["fly", "turn"].map(ActionSpec::button);
        let world = ActionSchema::new(world);
        let error = ActionMap::<Act>::for_schema(&world.unwrap()).unwrap_err();
        let text = error.to_string();
        let differs = "the game lacks fly, turn is of another kind, the world lacks jump;";
        assert!(text.contains(differs), "{text}");
        assert!(text.contains("turn: button"), "{text}");
        assert!(text.contains("turn: axis -4 to 4"), "{text}");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let map = ActionMap::<Act>::of_game().unwrap();
        let mut state = ActionState::<Act>::default();
        for values in [[1.0, 2.5], [0.0, -1.0]] {
            let vector = ActionVector(values.to_vec());
            map.write(&vector, &mut state);
            assert_eq!(map.read(&state), vector);
        }
    }
}
