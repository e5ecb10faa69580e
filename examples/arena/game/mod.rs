//! Rules, rooms, what is drawn of them, and the scripted player.

mod brush;
mod collide;
mod hands;
pub mod layout;
mod material;
mod plugin;
mod scenery;
pub mod scripted;
pub mod sim;
mod sky;
mod things;
pub mod walls;

pub use collide::{Obstacles, PLAYER_RADIUS};
pub use plugin::{Arena, ArenaCamera, ArenaPlugin, ArenaSystems, Driver, Player, ResetArena};
pub use scripted::ScriptedPlayer;
pub use sim::{ArenaState, Rules};
