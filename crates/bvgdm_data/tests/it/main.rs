//! Everything that the crate promises, through its public items, in one binary.

#![expect(clippy::unwrap_used, reason = "a test ends where something is wrong")]

mod allocation;
mod bad_input;
mod common;
#[cfg(feature = "csgo")]
mod csgo;
mod dataset;
mod decoding;
mod exporting;
mod hostile_pictures;
mod hostile_videos;
mod importing;
mod killed;
mod properties;
mod round_trip;
mod videos;
