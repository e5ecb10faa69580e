//! Names of actions that are known, and the keys and motions that they usually stand for.

use bvgdm_core::{ActionKind, ActionSpec};

use super::bindings::Source;

/// Degrees of turn a mouse count, as the contractors' game had it.
const DEGREES_A_COUNT: f32 = 0.15;
/// Degrees a frame at which Oasis' camera axes are at their bound.
const OASIS_DEGREES: f32 = 20.0;

/// The sources of an action by its name and range.
pub(super) fn usual(action: &ActionSpec) -> Option<Vec<Source>> {
    let key = |name: &str| Some(vec![Source::Key(name.to_owned())]);
    if let ActionKind::Axis { min, max } = action.kind {
        let unit = DEGREES_A_COUNT * max.max(-min) / OASIS_DEGREES;
        return Some(vec![match action.name.as_str() {
            "cameraX" => Source::MouseY(unit),
            "cameraY" => Source::MouseX(unit),
            "yaw" => Source::MouseX(DEGREES_A_COUNT),
            "pitch" => Source::MouseY(-DEGREES_A_COUNT),
            _ => return None,
        }]);
    }
    if let Some(slot) = action.name.strip_prefix("hotbar.") {
        let number = slot.parse().ok().filter(|slot| (1..=9).contains(slot))?;
        return Some(vec![Source::Key(slot.to_owned()), Source::Hotbar(number)]);
    }
    match action.name.as_str() {
        "inventory" => key("e"),
        "ESC" => key("escape"),
        "forward" => key("w"),
        "back" => key("s"),
        "left" => key("a"),
        "right" => key("d"),
        "jump" => key("space"),
        "sneak" => key("left.shift"),
        "sprint" => key("left.control"),
        "swapHands" => key("f"),
        "drop" => key("q"),
        "attack" => Some(vec![Source::MouseButton(0)]),
        "use" => Some(vec![Source::MouseButton(1)]),
        "pickItem" => Some(vec![Source::MouseButton(2)]),
        _ => None,
    }
}
