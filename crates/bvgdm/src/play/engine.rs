//! What runs one world: a thread, or the render graph.

use std::sync::Arc;

use super::passes::{Demand, DeviceMark, Slice};
use crate::engine::{CpuEngine, EngineError, EngineReport, EngineRequest, Start};

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

    /// Where the processor has seen the roll-out last and found it in order: all that it remembers, or its
    /// newest latent.
    fn last_seen(&self) -> Option<Start>;

    /// The frame of that place.
    fn seen(&self) -> Option<u64>;

    /// Milliseconds that a frame of the scene may take longer, from now on.
    fn set_budget(&self, budget_ms: f64);

    /// First in each frame of the scene: takes up what was asked for, and says whether there is
    /// something to do, and how much of it.
    fn demand(&self, encoder: &mut wgpu::CommandEncoder) -> Option<Demand>;

    /// Encodes that, of passes as many as it is given, and draws into the scene's texture when a picture
    /// is there; how many passes it were.
    fn work(
        &self,
        slice: &mut Slice<'_>,
        passes: usize,
        texture: &wgpu::Texture,
        view: &wgpu::TextureView,
    ) -> usize;
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

    /// Milliseconds that a frame of the scene may take longer for it.
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
