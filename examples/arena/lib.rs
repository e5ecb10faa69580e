//! The arena: a small first-person game, the one that the world model of this project learns.
//!
//! It is an ordinary Bevy game and knows nothing of neural networks. [`sim`] holds the rules (pure,
//! 20 ticks a second, everything from a seed), [`layout`] says where everything stands,
//! [`ArenaPlugin`] draws it, [`scripted`] is a player that needs nobody at the keys. Where only its
//! controls are needed, as by the neural game in a browser, feature `desktop` leaves the rest out.

#[cfg(feature = "desktop")]
mod game;
pub mod input;
#[cfg(feature = "desktop")]
pub mod mouse;
mod schema;

#[cfg(feature = "desktop")]
pub use game::*;
pub use input::{ArenaAction, Input};

/// What README shows a game is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
