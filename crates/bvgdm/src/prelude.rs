//! What most games need: `use bvgdm::prelude::*`.

pub use crate::play::{
    ActiveEngine, BvgdmPlugin, EngineChoice, FrameGenerated, NeuralSettings, NeuralWorld,
    WorldActionsPlugin, WorldAsset, WorldCommand, WorldFailed, WorldReady, WorldStatus,
};
#[cfg(all(feature = "record", not(target_family = "wasm")))]
pub use crate::record::{
    RecordedCamera, RecordedPlayer, RecorderEvent, RecorderPlugin, RecorderSettings,
    StartRecording, StopRecording,
};
pub use crate::{ActionBinding, ActionSpec, HeldInputPlugin, SchemaActions};
