//! The actions of Oasis, which are those of VPT's recordings of Minecraft (Baker et al. 2022).

use super::{ActionSchema, ActionSpec};

/// Frames a second of Oasis.
pub const OASIS_FPS: f64 = 20.0;
/// The most that the camera turns in one frame, in degrees: what the network sees as 1.
const CAMERA_MAX: f32 = 20.0;

/// In the order of the network's 25 inputs.
const NAMES: [&str; 25] = [
    "inventory",
    "ESC",
    "hotbar.1",
    "hotbar.2",
    "hotbar.3",
    "hotbar.4",
    "hotbar.5",
    "hotbar.6",
    "hotbar.7",
    "hotbar.8",
    "hotbar.9",
    "forward",
    "back",
    "left",
    "right",
    "cameraX",
    "cameraY",
    "jump",
    "sneak",
    "sprint",
    "swapHands",
    "attack",
    "use",
    "pickItem",
    "drop",
];

impl ActionSchema {
    /// The 25 actions of Oasis 500M: 23 buttons, and the camera in degrees a frame, at most ± 20.
    /// `cameraX` is the pitch, downwards positive (the mouse's dy), `cameraY` the yaw, to the right
    /// positive (its dx), in spite of their names.
    pub fn oasis() -> Self {
        let spec = |name: &str| match name {
            "cameraX" | "cameraY" => ActionSpec::axis(name, -CAMERA_MAX, CAMERA_MAX),
            _ => ActionSpec::button(name),
        };
        Self {
            actions: NAMES.map(spec).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_the_network_s() {
        let schema = ActionSchema::oasis();
        schema.validate().unwrap();
        let places = ["inventory", "forward", "cameraX", "cameraY", "drop"];
        let found = places.map(|name| schema.index_of(name).unwrap());
        assert_eq!(found, [0, 11, 15, 16, 24]);
        let mut vector = schema.zeros();
        (vector.0[15], vector.0[16]) = (-20.0, 0.5);
        // A quantum of the original, 0.5 degrees, is 0.025.
        assert_eq!(schema.normalize(&vector)[15..17], [-1.0, 0.025]);
    }
}
