//! Tests of the plugins as a game sees them: one binary, since linking Bevy takes long.

#![expect(clippy::unwrap_used, reason = "a test ends where something is wrong")]

mod arena_game;
mod neural_game;
mod play;
mod record;
#[path = "../examples/record_arena.rs"]
#[expect(dead_code, reason = "it records as an example alone")]
mod record_arena;
mod support;
