//! What the player does between two frames of the model.

use bevy::prelude::*;
use bvgdm_core::{ActionKind, ActionSchema, ActionVector};

/// Gathers the actions for a world's next frame, by their place in its schema.
///
/// [`WorldActionsPlugin`](super::WorldActionsPlugin) fills it from leafwing; a game may as well
/// fill it by itself, in every frame of the scene, in [`PlaySystems::Collect`](super::PlaySystems::Collect),
/// by the schema that [`WorldReady`](super::WorldReady) brings. Places that the schema does not have are
/// ignored.
#[derive(Component, Debug, Clone, PartialEq, Default)]
pub struct WorldInput {
    held: Vec<f32>,
    moved: Vec<f32>,
}

impl WorldInput {
    /// Action `index` is held at `value` in this scene frame. A button counts if it was held at any
    /// time since the last frame of the model; of an axis, the last value counts.
    pub fn hold(&mut self, schema: &ActionSchema, index: usize, value: f32) {
        let Some(action) = schema.actions.get(index) else {
            return;
        };
        let slot = slot(&mut self.held, index);
        *slot = match action.kind {
            ActionKind::Button => slot.max(value),
            ActionKind::Axis { .. } => value,
        };
    }

    /// Axis `index` has moved by `value` in this scene frame: motion adds up.
    pub fn add(&mut self, index: usize, value: f32) {
        *slot(&mut self.moved, index) += value;
    }

    /// The action for the next frame, within the schema's ranges; gathering starts afresh.
    pub fn take(&mut self, schema: &ActionSchema) -> ActionVector {
        let value = |list: &[f32], i| list.get(i).copied().unwrap_or(0.0);
        let values = (0..schema.len()).map(|i| value(&self.held, i) + value(&self.moved, i));
        let mut vector = ActionVector(values.collect());
        schema.clamp(&mut vector);
        self.clear();
        vector
    }

    /// Whether nobody has gathered anything, not even that nothing is held.
    pub(super) fn is_untouched(&self) -> bool {
        self.held.is_empty() && self.moved.is_empty()
    }

    /// Forgets what was gathered.
    pub fn clear(&mut self) {
        self.held.clear();
        self.moved.clear();
    }
}

/// Indices come from a schema, of at most 256 actions.
fn slot(list: &mut Vec<f32>, index: usize) -> &mut f32 {
    if list.len() <= index {
        list.resize(index + 1, 0.0);
    }
    &mut list[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use bvgdm_core::ActionSpec;

    #[test]
    fn presses_last_and_motion_adds_up_until_the_next_frame() {
        let schema = ActionSchema::new([
            ActionSpec::button("jump"),
            ActionSpec::axis("yaw", -8.0, 8.0),
        ])
        .unwrap();
        let mut input = WorldInput::default();
        for (jump, stick, mouse) in [(1.0, 5.0, 1.0), (0.0, 2.0, 1.5)] {
            input.hold(&schema, 0, jump);
            input.hold(&schema, 1, stick);
            input.add(1, mouse);
        }
        assert_eq!(input.take(&schema).0, [1.0, 4.5]);
        assert_eq!(input.take(&schema).0, [0.0, 0.0]);
        input.add(1, 100.0);
        assert_eq!(input.take(&schema).0, [0.0, 8.0]);
    }
}
