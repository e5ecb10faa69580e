//! Looks at a roll-out's buffers from time to time, without waiting for the GPU.

use bvgdm_gpu::{GpuLowering, Readback};
use bvgdm_plan::BufferId;

/// Copies of some buffers, asked for in one frame of the scene and taken in a later one.
pub(super) struct Look {
    readback: Readback,
    /// Encoded, but not submitted yet.
    encoded: bool,
}

impl Look {
    pub fn new(lowering: &GpuLowering, buffers: &[BufferId]) -> Self {
        Self {
            readback: lowering.readback(buffers),
            encoded: false,
        }
    }

    /// Whether nothing is on its way.
    pub fn is_idle(&self) -> bool {
        !self.encoded && self.readback.is_idle()
    }

    /// Encodes the copies.
    pub fn ask(&mut self, lowering: &GpuLowering, encoder: &mut wgpu::CommandEncoder) {
        lowering.copy(encoder, &self.readback);
        self.encoded = true;
    }

    /// What was asked for, once it is there. Called once in each frame of the scene: the encoder of
    /// the last one has been submitted.
    pub fn take(&mut self) -> Option<Vec<Vec<f32>>> {
        if std::mem::take(&mut self.encoded) {
            self.readback.fetch();
        }
        self.readback.take()
    }
}
