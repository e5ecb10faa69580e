#![doc = include_str!("../README.md")]

mod actions;
pub mod play;
#[cfg(not(target_family = "wasm"))]
pub mod record;

pub use actions::{ActionBinding, ActionMap, ActionMapError, SchemaActions};
pub use bvgdm_core::{ActionKind, ActionSchema, ActionSpec, ActionVector, Frame, WorldManifest};
pub use bvgdm_engine as engine;
pub use play::{
    BvgdmPlugin, EngineChoice, FrameGenerated, NeuralSettings, NeuralWorld, WorldActionsPlugin,
    WorldAsset, WorldCommand, WorldFailed, WorldReady, WorldReseeded, WorldStatus,
};
