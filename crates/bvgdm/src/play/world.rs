//! The component that a game spawns, and what it says back.

use std::sync::Arc;

use bevy::prelude::*;
use bvgdm_core::{ActionVector, CoreError, FPS, Frame, SamplerConfig, WorldManifest};
use serde::{Deserialize, Serialize};

use super::asset::WorldAsset;
use super::engine::Engine;
use super::input::WorldInput;
use super::stats::WorldStats;
use super::switch::Switch;
use crate::engine::{Begin, Start, Timings};

/// One world model playing into one image. A scene may hold several.
#[derive(Component, Debug, Clone, Default, Reflect)]
#[reflect(Component, Default)]
#[require(WorldStatus, WorldInput, WorldStats, ActiveEngine, Held)]
pub struct NeuralWorld {
    /// The manifest `NAME.world.ron`.
    pub asset: Handle<WorldAsset>,
    /// The image that shows the frames. It takes on the world's size, and becomes sRGB with 8 bits
    /// a channel; its sampler stays as it is.
    pub target: Handle<Image>,
    /// How it is played; changes hold from the next frame on, but for the seed.
    pub settings: NeuralSettings,
}

/// How a world is played. What is `None` is as the manifest says.
#[derive(Debug, Clone, Copy, PartialEq, Default, Reflect)]
pub struct NeuralSettings {
    /// Denoising passes a frame, 1 to 50.
    pub steps: Option<usize>,
    /// How freely details are invented, 0.5 to 2: see
    /// [`SamplerConfig::noise_scale`](bvgdm_core::SamplerConfig::noise_scale).
    pub noise_scale: Option<f64>,
    /// Noise level in [0, 1) that the network is told its context has.
    pub context_level: Option<f64>,
    /// Frames a second of the model, 0.1 to 1000.
    pub fps: Option<f64>,
    /// What runs it. Another choice goes on where the last one stood, once it is ready.
    pub engine: EngineChoice,
    /// Milliseconds that a frame of the scene may take longer for passes on the GPU [default: 8], or half
    /// of what it takes without them if that is more; of several worlds the largest holds for all
    /// together. A generated frame that takes more is spread over frames of the scene, over 32 at most.
    /// Where the GPU has no clock, what fits into the wait for the display is not counted.
    pub budget_ms: Option<f64>,
    /// Chooses the place of the start and the noise: same seed, same actions, same engine, same
    /// frames. It holds from the next beginning on: see
    /// [`WorldCommand::Reset`](super::WorldCommand::Reset).
    pub seed: u64,
}

/// What runs a world; in files and messages `auto`, `cpu`, `passes-compute`, `passes-fragment` or `burn-wgpu`, as
/// on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Reflect)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// The best that the machine has: passes on a real GPU, else the processor.
    #[default]
    Auto,
    /// A thread on the processor.
    Cpu,
    /// Passes on the GPU as compute shaders, or as fragment shaders where there is no compute.
    PassesCompute,
    /// Passes on the GPU as fragment shaders, whatever the GPU can do.
    PassesFragment,
    /// The burn modules on the GPU (cargo feature `burn-wgpu`): slower, and for every world.
    BurnWgpu,
}

/// What runs a world at present.
#[derive(Component, Debug, Clone, PartialEq, Eq, Default, Reflect)]
#[reflect(Component, Default)]
pub struct ActiveEngine {
    /// What a person calls it; empty until the world has an engine.
    pub name: String,
    /// Why it is not the one that was asked for, or the fastest kind.
    pub reason: Option<String>,
    /// Whether the pictures stay on the GPU, so that [`FrameGenerated`] has none.
    pub on_gpu: bool,
}

/// What a world is doing.
#[derive(Component, Debug, Clone, PartialEq, Eq, Default, Reflect)]
#[reflect(Component, Default)]
pub enum WorldStatus {
    /// The asset is not there yet, or the engine has not shown its first frame.
    #[default]
    Loading,
    /// Frames are generated.
    Playing,
    /// Nothing moves until [`WorldCommand::Resume`](super::WorldCommand::Resume).
    Paused,
    /// It has stopped, for this reason; a reset tries again.
    Failed(String),
}

/// A world shows its first frame.
#[derive(Message, Debug, Clone)]
pub struct WorldReady {
    /// The entity with the [`NeuralWorld`].
    pub world: Entity,
    /// What the world is.
    pub manifest: Arc<WorldManifest>,
}

/// A world shows another frame.
#[derive(Message, Debug, Clone)]
pub struct FrameGenerated {
    /// The entity with the [`NeuralWorld`].
    pub world: Entity,
    /// 0 for the frame that the roll-out began with, then counting up.
    pub index: u64,
    /// What was held on the way to it, in the schema's order and units.
    pub action: ActionVector,
    /// The picture; none if the engine drew it on the GPU, where it stays.
    pub frame: Option<Arc<Frame>>,
    /// What it took; on the GPU, where it is still on its way, what the frame before it took.
    pub timings: Timings,
}

/// A world has begun anew by itself, since its numbers were none any more; or its GPU was lost, and it goes on
/// with the next one from where it was seen last, at most half a second and a few frames before: the frames
/// after that one are drawn, and told of, once more.
#[derive(Message, Debug, Clone)]
pub struct WorldReseeded {
    /// The entity with the [`NeuralWorld`].
    pub world: Entity,
    /// Why, in a line.
    pub reason: String,
}

/// A world has stopped; the scene goes on.
#[derive(Message, Debug, Clone)]
pub struct WorldFailed {
    /// The entity with the [`NeuralWorld`].
    pub world: Entity,
    /// Why, in words that name the file and the field.
    pub reason: String,
}

/// The engine of a world that has one. At most one request is in flight.
#[derive(Component, Debug)]
pub(super) struct Running {
    pub engine: Engine,
    /// What was asked for when it started.
    pub wanted: EngineChoice,
    pub asset: AssetId<WorldAsset>,
    pub manifest: Arc<WorldManifest>,
    /// Whether the engine owes an answer.
    pub in_flight: bool,
    /// A new beginning, as soon as the engine is free; until then its frames are of the past.
    pub begin: Option<Begin>,
    /// Where the engine was asked to begin, until the processor has seen where it stands.
    pub beginning: Option<Start>,
    /// Whether a frame has been shown.
    pub ready: bool,
    /// Seconds since a frame was last due.
    pub since_due: f64,
    /// How often in a row its numbers were none.
    pub diverged: u32,
    /// The change to another engine that is under way.
    pub switch: Option<Switch>,
}

impl Running {
    /// Where the next engine begins if this one is no more: where the game has asked it to, or where it was to
    /// begin, or else in what was seen of it last.
    pub fn next_start(&self, seen: Option<Start>) -> NextStart {
        let asked = self.begin.as_ref().map(|begin| &begin.start);
        let start = asked.or(self.beginning.as_ref()).cloned().or(seen);
        NextStart {
            start: start.unwrap_or_default(),
            asset: self.asset,
            refused: None,
        }
    }
}

/// Whether the game has paused the world, with or without an engine.
#[derive(Component, Debug, Default)]
pub(super) struct Held(pub bool);

/// The files of a world are read again; until that has ended, the asset server tells what was wrong with them
/// before.
#[derive(Component, Debug)]
pub(super) struct Reloading;

/// Where a world without an engine begins, if not in the place of its seed.
#[derive(Component, Debug)]
pub(super) struct NextStart {
    pub start: Start,
    /// The asset that it is a place of; another one begins in its own.
    pub asset: AssetId<WorldAsset>,
    /// What the GPU said when it refused the world: the processor takes it then, without another try. The game
    /// has had the frame that it begins with if it has had any.
    pub refused: Option<Refused>,
}

/// A roll-out that the GPU had no room for.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub reason: String,
    /// Whether the world has shown a frame before.
    pub shown: bool,
}

impl NeuralSettings {
    /// The manifest's sampler with what these settings change of it.
    ///
    /// # Errors
    /// Names the setting that is out of range.
    pub fn sampler(&self, manifest: &WorldManifest) -> Result<SamplerConfig, CoreError> {
        let mut sampler = manifest.config.sampler;
        sampler.steps = self.steps.unwrap_or(sampler.steps);
        sampler.noise_scale = self.noise_scale.unwrap_or(sampler.noise_scale);
        sampler.context_level = self.context_level.unwrap_or(sampler.context_level);
        sampler.validate(&manifest.config.schedule)?;
        Ok(sampler)
    }

    /// Seconds a frame.
    ///
    /// # Errors
    /// When the frame rate is out of range.
    pub fn period(&self, manifest: &WorldManifest) -> Result<f64, CoreError> {
        let fps = self.fps.unwrap_or(manifest.fps);
        if FPS.contains(&fps) {
            Ok(1.0 / fps)
        } else {
            Err(CoreError::invalid("settings.fps", "0.1 to 1000", fps))
        }
    }
}

/// Stops a world and says why.
pub(super) fn fail(
    commands: &mut Commands,
    failures: &mut MessageWriter<WorldFailed>,
    world: Entity,
    status: &mut WorldStatus,
    reason: String,
) {
    error!("neural world {world}: {reason}");
    commands.entity(world).remove::<(Running, Reloading)>();
    *status = WorldStatus::Failed(reason.clone());
    failures.write(WorldFailed { world, reason });
}
