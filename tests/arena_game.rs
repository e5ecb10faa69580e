//! The arena: its rules, its scripted player, and what its actions change in the picture.

#[path = "../examples/arena.rs"]
#[expect(dead_code, reason = "some of it is for a window alone")]
mod example;
mod live;
mod picture;
mod rules;
mod script;
