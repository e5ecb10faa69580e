#![doc = include_str!("../README.md")]

mod actions;
pub mod engine;
pub mod play;
pub mod record;

pub use actions::{ActionBinding, ActionMap, ActionMapError, SchemaActions};
pub use play::{
    BvgdmPlugin, EngineChoice, FrameGenerated, NeuralSettings, NeuralWorld, WorldActionsPlugin,
    WorldAsset, WorldCommand, WorldFailed, WorldReady, WorldStatus,
};
