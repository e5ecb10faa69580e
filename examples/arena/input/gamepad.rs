//! A gamepad beside keys and mouse.

use bevy::prelude::GamepadButton;
use leafwing_input_manager::prelude::*;

use super::{ArenaAction, MAX_PITCH, MAX_YAW};

/// How far a stick is pushed before one walks.
const WALK: f32 = 0.4;

/// The left stick walks, the right one turns; the lower button jumps, the left one uses, the right
/// trigger attacks.
pub fn bind(map: InputMap<ArenaAction>) -> InputMap<ArenaAction> {
    use ArenaAction as A;
    use GamepadControlDirection as Stick;
    map.with(A::Forward, Stick::LEFT_UP.threshold(WALK))
        .with(A::Back, Stick::LEFT_DOWN.threshold(WALK))
        .with(A::Left, Stick::LEFT_LEFT.threshold(WALK))
        .with(A::Right, Stick::LEFT_RIGHT.threshold(WALK))
        .with(A::Jump, GamepadButton::South)
        .with(A::Use, GamepadButton::West)
        .with(A::Attack, GamepadButton::RightTrigger2)
        .with_axis(A::Yaw, GamepadControlAxis::RIGHT_X.sensitivity(MAX_YAW))
        .with_axis(A::Pitch, GamepadControlAxis::RIGHT_Y.sensitivity(MAX_PITCH))
}
