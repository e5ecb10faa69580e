//! What runs one world: a thread, or passes on the GPU.

use super::passes::PassesEngine;
use crate::engine::{CpuEngine, EngineError, EngineReport, EngineRequest};

/// An engine at work.
#[derive(Debug)]
pub(super) enum Engine {
    /// A thread on the processor.
    Cpu(CpuEngine),
    /// Passes in the render graph.
    Passes(PassesEngine),
}

impl Engine {
    /// Asks for something, without waiting.
    ///
    /// # Errors
    /// When the engine is busy or has ended, or the request is none that it can take.
    pub fn send(&self, request: EngineRequest) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.send(request),
            Self::Passes(engine) => engine.send(request),
        }
    }

    /// Milliseconds of the GPU's time in a frame of the scene.
    pub fn set_budget(&self, budget_ms: f64) {
        if let Self::Passes(engine) = self {
            engine.set_budget(budget_ms);
        }
    }

    /// The next report, if there is one.
    pub fn try_receive(&mut self) -> Option<EngineReport> {
        match self {
            Self::Cpu(engine) => engine.try_receive(),
            Self::Passes(engine) => engine.try_receive(),
        }
    }
}
