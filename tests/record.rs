//! Recordings: which frame, which action. The game shows its own state in its pixels.

mod counter;
mod ends;
mod pairing;
mod view;
