//! Worlds that play in a scene without a window, most of them without a GPU too.

mod bad_worlds;
mod engines;
mod game;
mod input;
mod neural_game;
mod passes;
mod playing;
mod slices;
mod worlds;
