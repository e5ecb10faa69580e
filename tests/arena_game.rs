//! The arena: its rules, its scripted player, and what its actions change in the picture.

mod picture;
mod rules;
mod script;
