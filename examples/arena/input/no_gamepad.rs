//! Keys and mouse alone.

use leafwing_input_manager::prelude::InputMap;

use super::ArenaAction;

/// The bindings as they are.
pub fn bind(map: InputMap<ArenaAction>) -> InputMap<ArenaAction> {
    map
}
