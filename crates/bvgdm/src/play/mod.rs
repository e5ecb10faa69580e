//! Plays world models in a scene.
//!
//! Add [`BvgdmPlugin`], and [`WorldActionsPlugin`] for the game's own leafwing action type; spawn a
//! [`NeuralWorld`] with the `InputMap` beside it, and put its target image on a sprite, a material
//! or a UI node. See `examples/minimal.rs`.

mod actions;
mod asset;
#[cfg(feature = "burn-wgpu")]
mod burn;
#[cfg(not(feature = "burn-wgpu"))]
#[path = "no_burn.rs"]
mod burn;
mod command;
mod convert;
mod engine;
mod input;
mod loader;
mod materials;
mod pace;
mod passes;
mod plugin;
mod present;
mod receive;
mod send;
mod start;
mod starter;
mod stats;
mod switch;
mod world;

pub use actions::WorldActionsPlugin;
pub use asset::{WorldAsset, WorldAssetError};
pub use command::WorldCommand;
pub use convert::{ImageError, frame_from_image};
pub use input::WorldInput;
pub use materials::NeuralMaterialPlugin;
pub use passes::SoftwareGpu;
pub use plugin::{BvgdmPlugin, PlaySystems};
pub use stats::{DROPPED, FRAME_MS, GENERATED_FPS, WorldStats};
pub use world::{
    ActiveEngine, EngineChoice, FrameGenerated, NeuralSettings, NeuralWorld, WorldFailed,
    WorldReady, WorldReseeded, WorldStatus,
};
