//! Recordings: which frame, which action. The game shows its own state in its pixels.

mod counter;
mod ends;
mod held;
mod pairing;
mod view;
