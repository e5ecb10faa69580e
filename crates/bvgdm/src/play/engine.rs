//! What runs one world: a thread, or the render graph.

use std::sync::Arc;

use super::passes::{DeviceMark, Slice};
use crate::engine::{CpuEngine, EngineError, EngineReport, EngineRequest};

/// An engine at work.
#[derive(Debug)]
pub(super) enum Engine {
    /// A thread on the processor.
    Cpu(CpuEngine),
    /// On Bevy's device: its pictures never leave it.
    Gpu(Arc<dyn GpuEngine>),
}

/// An engine on Bevy's device, asked from the scene and called by the render graph.
pub(super) trait GpuEngine: Send + Sync + std::fmt::Debug {
    /// The device that it runs on.
    fn device(&self) -> &DeviceMark;

    /// Asks for something, without waiting for the GPU.
    ///
    /// # Errors
    /// When the last request is not answered, or is not one that the world can take.
    fn send(&self, request: EngineRequest) -> Result<(), EngineError>;

    /// The next report, if there is one.
    fn try_receive(&self) -> Option<EngineReport>;

    /// The newest latent that the processor has seen and found in order, `[channels, rows, columns]`.
    fn last_seen(&self) -> Option<Arc<[f32]>>;

    /// Milliseconds of the GPU's time in a frame of the scene, from now on.
    fn set_budget(&self, budget_ms: f64);

    /// Once in each frame of the scene: works as much as that frame allows, and draws into the
    /// scene's texture when a picture is there.
    fn work(&self, slice: &mut Slice<'_>, texture: &wgpu::Texture, view: &wgpu::TextureView);
}

impl Engine {
    /// Asks for something, without waiting.
    ///
    /// # Errors
    /// When the engine is busy or has ended, or the request is none that it can take.
    pub fn send(&self, request: EngineRequest) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.send(request),
            Self::Gpu(engine) => engine.send(request),
        }
    }

    /// Milliseconds of the GPU's time in a frame of the scene.
    pub fn set_budget(&self, budget_ms: f64) {
        if let Self::Gpu(engine) = self {
            engine.set_budget(budget_ms);
        }
    }

    /// The next report, if there is one.
    pub fn try_receive(&mut self) -> Option<EngineReport> {
        match self {
            Self::Cpu(engine) => engine.try_receive(),
            Self::Gpu(engine) => engine.try_receive(),
        }
    }
}
