#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod action;
mod config;
mod cost;
mod error;
mod files;
mod frame;
mod manifest;
mod noise;
mod preset;
mod schedule;
mod script;

pub use action::{ActionKind, ActionSchema, ActionSpec, ActionVector, OASIS_FPS};
pub use config::{
    DitConfig, Gelu, KlConfig, Prediction, SamplerConfig, SamplerKind, ScheduleConfig,
    SlidingWindow, TinyConfig, TransformerConfig, VaeConfig, VaeNetwork, VitConfig, WorldConfig,
};
pub use cost::{Cost, PlayCost, StageCost};
pub use error::{CoreError, Result};
pub use files::{read_bounded, sha256_file, sha256_hex, write_atomic, write_atomic_with};
pub use frame::Frame;
pub use manifest::{FPS, MANIFEST_VERSION, TrainedOn, WeightsFile, WorldManifest, same_rate};
pub use noise::standard_normal;
pub use preset::{preset, preset_names};
pub use schedule::{Level, Schedule};
pub use script::ActionScript;
