#![doc = include_str!("../README.md")]

mod actions;
mod held;
pub mod play;
pub mod prelude;
#[cfg(all(feature = "record", not(target_family = "wasm")))]
pub mod record;

pub use actions::{ActionBinding, ActionMap, ActionMapError, SchemaActions};
pub use bvgdm_core::{ActionKind, ActionSchema, ActionSpec, ActionVector, Frame, WorldManifest};
pub use bvgdm_engine as engine;
pub use held::HeldInputPlugin;
pub use play::{
    ActiveEngine, BvgdmPlugin, EngineChoice, FrameGenerated, NeuralMaterialPlugin, NeuralSettings,
    NeuralWorld, PlaySystems, SoftwareGpu, WorldActionsPlugin, WorldAsset, WorldCommand,
    WorldFailed, WorldInput, WorldReady, WorldReseeded, WorldStats, WorldStatus,
};
