//! One world as passes on the GPU: asked from the scene, run in the render graph.

use std::sync::{Mutex, PoisonError};

use bvgdm_core::ActionSchema;
use bvgdm_gpu::GpuWorld;

use super::choose::DeviceMark;
use super::pace::Demand;
use super::run::{Run, Slice};
use crate::engine::{Begin, EngineError, EngineReport, EngineRequest, Start};
use crate::play::engine::GpuEngine;

/// A roll-out and the device that it runs on.
pub(in crate::play) struct PassesEngine {
    run: Mutex<Run>,
    device: DeviceMark,
}

impl PassesEngine {
    pub fn new(device: DeviceMark, world: GpuWorld, schema: ActionSchema, begin: Begin) -> Self {
        Self {
            device,
            run: Mutex::new(Run::new(world, schema, begin)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GpuEngine for PassesEngine {
    fn device(&self) -> &DeviceMark {
        &self.device
    }

    fn send(&self, request: EngineRequest) -> Result<(), EngineError> {
        self.lock().ask(request)
    }

    fn try_receive(&self) -> Option<EngineReport> {
        self.lock().report()
    }

    fn last_seen(&self) -> Option<Start> {
        self.lock().last_seen()
    }

    fn seen(&self) -> Option<u64> {
        self.lock().seen()
    }

    fn set_budget(&self, budget_ms: f64) {
        self.lock().set_budget(budget_ms);
    }

    fn demand(&self, encoder: &mut wgpu::CommandEncoder) -> Option<Demand> {
        self.lock().demand(encoder)
    }

    fn work(
        &self,
        slice: &mut Slice<'_>,
        passes: usize,
        _texture: &wgpu::Texture,
        view: &wgpu::TextureView,
    ) -> usize {
        self.lock().advance(slice, passes, view)
    }
}

impl std::fmt::Debug for PassesEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PassesEngine").finish_non_exhaustive()
    }
}
