#![doc = include_str!("../README.md")]

mod begin;
mod error;
mod message;
#[cfg(feature = "burn-wgpu")]
pub mod on_wgpu;
mod picture;
#[cfg_attr(target_family = "wasm", path = "web/mod.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "native/mod.rs")]
mod platform;

pub use begin::begin_rollout;
pub use error::EngineError;
pub use message::{Begin, EngineReport, EngineRequest, GeneratedFrame, Start, Timings};
pub use platform::*;
