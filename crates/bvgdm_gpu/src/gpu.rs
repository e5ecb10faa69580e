//! What every part of a world on a device has at hand.

use std::sync::Arc;

use bvgdm_plan::Plan;

/// A plan and where it runs.
pub(crate) struct Gpu {
    pub plan: Arc<Plan>,
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
}
