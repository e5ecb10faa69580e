//! The arena: a small first-person game, the one that the world model of this project learns.
//!
//! It is an ordinary Bevy game and knows nothing of neural networks. [`sim`] holds the rules (pure,
//! 20 ticks a second, everything from a seed), [`layout`] says where everything stands,
//! [`ArenaPlugin`] draws it, [`scripted`] is a player that needs nobody at the keys.

mod brush;
mod collide;
mod hands;
mod held;
pub mod input;
pub mod layout;
mod material;
mod plugin;
mod scenery;
mod schema;
pub mod scripted;
pub mod sim;
mod sky;
mod things;
pub mod walls;

pub use collide::{Obstacles, PLAYER_RADIUS};
pub use input::{ArenaAction, Input};
pub use plugin::{Arena, ArenaCamera, ArenaPlugin, ArenaSystems, Driver, Player, ResetArena};
pub use scripted::ScriptedPlayer;
pub use sim::{ArenaState, Rules};
