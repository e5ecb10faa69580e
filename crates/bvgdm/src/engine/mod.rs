//! What runs a world. Nothing in here knows of Bevy: a scene, a test and a command-line tool drive
//! the same engine with the same messages.

mod begin;
mod error;
mod message;
mod picture;
#[cfg_attr(target_family = "wasm", path = "web/mod.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "native/mod.rs")]
mod platform;

pub(crate) use begin::begin_rollout;
pub use error::EngineError;
pub use message::{Begin, EngineReport, EngineRequest, GeneratedFrame, Start, Timings};
pub use platform::*;
