#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod alone;
pub mod backend;
mod config;
mod data;
mod dit;
mod error;
pub mod eval;
mod memory;
mod message;
pub mod metrics;
pub mod report;
mod run;
mod vae;

pub use config::{
    DitTrainConfig, OptimiserConfig, OptimiserKind, Precision, RunConfig, VaeTrainConfig,
};
pub use data::{FrameStore, LatentStore};
pub use dit::train_dit;
pub use error::{Result, TrainError};
pub use memory::{peak_memory_bytes, resident_memory_bytes};
pub use message::{Stage, TrainMessage};
pub use vae::train_vae;
