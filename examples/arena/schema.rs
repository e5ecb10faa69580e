//! The names by which recordings of the arena know its actions.

use bvgdm::{ActionBinding, SchemaActions};
use bvgdm_core::ActionSpec;

use crate::input::{ArenaAction, MAX_PITCH, MAX_YAW};

impl SchemaActions for ArenaAction {
    fn bindings() -> Vec<ActionBinding<Self>> {
        let spec = |action: &Self| match action {
            Self::Forward => ActionSpec::button("forward"),
            Self::Back => ActionSpec::button("back"),
            Self::Left => ActionSpec::button("left"),
            Self::Right => ActionSpec::button("right"),
            Self::Yaw => ActionSpec::axis("yaw", -MAX_YAW, MAX_YAW),
            Self::Pitch => ActionSpec::axis("pitch", -MAX_PITCH, MAX_PITCH),
            Self::Jump => ActionSpec::button("jump"),
            Self::Attack => ActionSpec::button("attack"),
            Self::Use => ActionSpec::button("use"),
        };
        let binding = |action| ActionBinding::new(action, spec(&action));
        Self::ALL.into_iter().map(binding).collect()
    }
}
