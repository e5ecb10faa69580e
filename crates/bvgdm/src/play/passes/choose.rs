//! Which engine plays a world on this machine.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice, RenderQueue};
use bvgdm_gpu::LoweringKind;
use wgpu::{DeviceType, DownlevelFlags};

use crate::play::EngineChoice;

/// Bevy's device, if there is one.
#[derive(SystemParam)]
pub(in crate::play) struct Device<'w> {
    device: Option<Res<'w, RenderDevice>>,
    queue: Option<Res<'w, RenderQueue>>,
    info: Option<Res<'w, RenderAdapterInfo>>,
    adapter: Option<Res<'w, bevy::render::renderer::RenderAdapter>>,
}

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::play) enum Choice {
    /// A thread on the processor.
    Cpu,
    /// Passes on the GPU.
    Passes(LoweringKind),
}

impl Device<'_> {
    /// Bevy's device and queue.
    pub fn get(&self) -> Option<(wgpu::Device, wgpu::Queue)> {
        let (device, queue) = (self.device.as_ref()?, self.queue.as_ref()?);
        Some((device.wgpu_device().clone(), (*****queue).clone()))
    }

    fn has_compute(&self) -> bool {
        self.adapter.as_ref().is_some_and(|adapter| {
            let flags = adapter.get_downlevel_capabilities().flags;
            flags.contains(DownlevelFlags::COMPUTE_SHADERS)
        })
    }

    fn is_software(&self) -> bool {
        let kind = self.info.as_ref().map(|info| info.device_type);
        kind == Some(DeviceType::Cpu)
    }
}

/// The engine for a world, and why it is not the one that was asked for, or the best there is.
pub(in crate::play) fn choose(
    wanted: EngineChoice,
    device: &Device<'_>,
) -> (Choice, Option<String>) {
    let cpu = |reason: &str| (Choice::Cpu, Some(reason.to_owned()));
    if wanted == EngineChoice::Cpu {
        return (Choice::Cpu, None);
    }
    if device.device.is_none() || device.queue.is_none() {
        return cpu("there is no GPU");
    }
    let compute = Choice::Passes(LoweringKind::Compute);
    let fragment = Choice::Passes(LoweringKind::Fragment);
    match wanted {
        EngineChoice::Fragment => (fragment, None),
        EngineChoice::Auto if device.is_software() => {
            cpu("the GPU is a software one, slower than the processor itself")
        }
        _ if device.has_compute() => (compute, None),
        _ => (fragment, Some("the GPU has no compute shaders".to_owned())),
    }
}
