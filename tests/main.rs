//! Tests of the plugins as a game sees them: one binary, since linking Bevy takes long.

mod arena_game;
mod play;
mod record;
mod support;
