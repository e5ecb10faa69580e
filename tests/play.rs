//! Worlds that play in a scene without a window and a GPU.

mod bad_worlds;
mod game;
mod input;
mod playing;
mod worlds;
