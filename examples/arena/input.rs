//! What the player can do, and the keys that do it.

use bevy::prelude::*;
use leafwing_input_manager::prelude::*;

#[cfg(feature = "gamepad")]
mod gamepad;
#[cfg(not(feature = "gamepad"))]
mod no_gamepad;

#[cfg(feature = "gamepad")]
use gamepad as pad;
#[cfg(not(feature = "gamepad"))]
use no_gamepad as pad;

/// The most that the camera turns sideways in one tick, in degrees.
pub const MAX_YAW: f32 = 8.0;
/// The most that the camera tilts in one tick, in degrees.
pub const MAX_PITCH: f32 = 4.0;

/// Degrees of turn for one pixel of mouse motion.
pub const MOUSE_DEGREES: f32 = 0.12;
/// Degrees a tick that an arrow key turns.
pub const KEY_YAW: f32 = 5.0;
/// Degrees a tick that an arrow key tilts.
pub const KEY_PITCH: f32 = 2.5;

/// The nine actions of the arena.
#[derive(Actionlike, Debug, Clone, Copy, PartialEq, Eq, Hash, Reflect)]
pub enum ArenaAction {
    /// Walk where the camera looks.
    Forward,
    /// Walk backwards.
    Back,
    /// Step to the left.
    Left,
    /// Step to the right.
    Right,
    /// Turn the camera, degrees a tick, to the right if positive.
    #[actionlike(Axis)]
    Yaw,
    /// Tilt the camera, degrees a tick, up if positive.
    #[actionlike(Axis)]
    Pitch,
    /// Leave the ground.
    Jump,
    /// Swing the wand.
    Attack,
    /// Switch the lamp or the door in front.
    Use,
}

impl ArenaAction {
    /// All nine, in the order of their schema.
    pub const ALL: [Self; 9] = [
        Self::Forward,
        Self::Back,
        Self::Left,
        Self::Right,
        Self::Yaw,
        Self::Pitch,
        Self::Jump,
        Self::Attack,
        Self::Use,
    ];

    /// WASD, mouse and arrow keys, Space, the left button and E; with the feature `gamepad`, both
    /// sticks, the lower and the left button and the right trigger as well.
    pub fn default_bindings() -> InputMap<Self> {
        Self::bindings(1.0)
    }

    /// The same with a mouse that turns `mouse` times as far.
    pub fn bindings(mouse: f32) -> InputMap<Self> {
        let motion = MOUSE_DEGREES * mouse;
        let arrows = |axis: VirtualAxis, degrees| axis.sensitivity(degrees);
        let map = InputMap::new([
            (Self::Forward, KeyCode::KeyW),
            (Self::Back, KeyCode::KeyS),
            (Self::Left, KeyCode::KeyA),
            (Self::Right, KeyCode::KeyD),
            (Self::Jump, KeyCode::Space),
            (Self::Use, KeyCode::KeyE),
        ])
        .with(Self::Attack, MouseButton::Left)
        .with_axis(Self::Yaw, MouseMoveAxis::X.sensitivity(motion))
        .with_axis(Self::Pitch, MouseMoveAxis::Y.sensitivity(motion).inverted())
        .with_axis(
            Self::Yaw,
            arrows(VirtualAxis::horizontal_arrow_keys(), KEY_YAW),
        )
        .with_axis(
            Self::Pitch,
            arrows(VirtualAxis::vertical_arrow_keys(), KEY_PITCH),
        );
        pad::bind(map)
    }
}

/// What is held during one tick: all that the simulation gets to know of the player.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Input {
    /// Walk where the camera looks.
    pub forward: bool,
    /// Walk backwards.
    pub back: bool,
    /// Step to the left.
    pub left: bool,
    /// Step to the right.
    pub right: bool,
    /// Turn to the right, degrees, clamped to ±[`MAX_YAW`].
    pub yaw: f32,
    /// Tilt up, degrees, clamped to ±[`MAX_PITCH`].
    pub pitch: f32,
    /// Jump when on the ground.
    pub jump: bool,
    /// Swing the wand.
    pub attack: bool,
    /// Switch what stands in front.
    pub interact: bool,
}

impl Input {
    /// What `actions` says is held in this tick.
    pub fn read(actions: &ActionState<ArenaAction>) -> Self {
        Self {
            forward: actions.pressed(&ArenaAction::Forward),
            back: actions.pressed(&ArenaAction::Back),
            left: actions.pressed(&ArenaAction::Left),
            right: actions.pressed(&ArenaAction::Right),
            yaw: actions.value(&ArenaAction::Yaw).clamp(-MAX_YAW, MAX_YAW),
            pitch: actions
                .value(&ArenaAction::Pitch)
                .clamp(-MAX_PITCH, MAX_PITCH),
            jump: actions.pressed(&ArenaAction::Jump),
            attack: actions.pressed(&ArenaAction::Attack),
            interact: actions.pressed(&ArenaAction::Use),
        }
    }

    /// Makes `actions` hold exactly this: how a scripted player plays.
    pub fn write(&self, actions: &mut ActionState<ArenaAction>) {
        let buttons = [
            (ArenaAction::Forward, self.forward),
            (ArenaAction::Back, self.back),
            (ArenaAction::Left, self.left),
            (ArenaAction::Right, self.right),
            (ArenaAction::Jump, self.jump),
            (ArenaAction::Attack, self.attack),
            (ArenaAction::Use, self.interact),
        ];
        for (action, held) in buttons {
            if held {
                actions.press(&action);
            } else {
                actions.release(&action);
            }
        }
        actions.set_value(&ArenaAction::Yaw, self.yaw);
        actions.set_value(&ArenaAction::Pitch, self.pitch);
    }
}
