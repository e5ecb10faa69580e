//! Which engine plays a world on this machine.

use std::sync::Arc;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::renderer::{RenderAdapter, RenderDevice, RenderQueue};
use bvgdm_gpu::{LoweringKind, Precision};
use wgpu::{DeviceType, DownlevelFlags};

use crate::play::EngineChoice;
use crate::play::burn::BurnDevices;

/// That the processor imitates the GPU, which drivers say by themselves and browsers do not. Passes
/// are cut for a processor then, and [`EngineChoice::Auto`] runs the world on it without the detour.
#[derive(Resource, Debug, Clone, Copy)]
pub struct SoftwareGpu;

/// Bevy's device, if there is one.
#[derive(SystemParam)]
pub(in crate::play) struct Device<'w> {
    software: Option<Res<'w, SoftwareGpu>>,
    device: Option<Res<'w, RenderDevice>>,
    queue: Option<Res<'w, RenderQueue>>,
    adapter: Option<Res<'w, RenderAdapter>>,
}

/// Tells the game's devices apart. wgpu compares numbers, and the first devices of two instances have
/// the same one.
#[derive(Debug, Clone)]
pub(in crate::play) struct DeviceMark(RenderAdapter);

/// Bevy's device and what belongs to it.
#[derive(Clone)]
pub(in crate::play) struct Parts {
    pub mark: DeviceMark,
    pub adapter: wgpu::Adapter,
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    /// Whether the processor imitates the GPU.
    pub software: bool,
}

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::play) enum Choice {
    /// A thread on the processor.
    Cpu,
    /// The burn modules on the GPU.
    Burn,
    /// Passes on the GPU.
    Passes(LoweringKind),
}

impl Device<'_> {
    /// Bevy's device, its queue and its adapter.
    pub fn get(&self) -> Option<Parts> {
        let (device, queue) = (self.device.as_ref()?, self.queue.as_ref()?);
        let adapter = self.adapter.as_ref()?;
        Some(Parts {
            mark: DeviceMark::of(adapter),
            adapter: (*****adapter).clone(),
            device: device.wgpu_device().clone(),
            queue: (*****queue).clone(),
            software: self.software.is_some() || adapter.get_info().device_type == DeviceType::Cpu,
        })
    }
}

impl DeviceMark {
    /// That of the device that was made from this adapter: each device has one of its own.
    pub fn of(adapter: &RenderAdapter) -> Self {
        Self(adapter.clone())
    }
}

impl PartialEq for DeviceMark {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.0, &other.0.0)
    }
}

impl Parts {
    fn has_compute(&self) -> bool {
        let flags = self.adapter.get_downlevel_capabilities().flags;
        flags.contains(DownlevelFlags::COMPUTE_SHADERS)
    }

    /// The kinds of passes to try, from `first` on.
    pub fn lowerings(&self, first: LoweringKind) -> impl Iterator<Item = LoweringKind> + use<> {
        let next = first == LoweringKind::Compute && self.float_targets().is_some();
        [first]
            .into_iter()
            .chain(next.then_some(LoweringKind::Fragment))
    }

    /// The most exact numbers that fragment passes can write, if any.
    pub fn float_targets(&self) -> Option<Precision> {
        Precision::of_targets(&self.adapter)
    }
}

/// The engine for a world, and why it is not the one that was asked for, or the best there is.
pub(in crate::play) fn choose(
    wanted: EngineChoice,
    device: Option<&Parts>,
) -> (Choice, Option<String>) {
    let cpu = |reason: &str| (Choice::Cpu, Some(reason.to_owned()));
    if wanted == EngineChoice::Cpu {
        return (Choice::Cpu, None);
    }
    let Some(parts) = device else {
        return cpu("there is no GPU");
    };
    if wanted == EngineChoice::BurnWgpu {
        return match BurnDevices::missing(parts) {
            None => (Choice::Burn, None),
            Some(reason) => cpu(reason),
        };
    }
    if wanted == EngineChoice::Auto && parts.software {
        return cpu("the GPU is a software one, slower than the processor itself");
    }
    if wanted != EngineChoice::PassesFragment && parts.has_compute() {
        return (Choice::Passes(LoweringKind::Compute), None);
    }
    let reason = match (wanted, parts.float_targets()) {
        (_, None) => return cpu("the GPU has no float textures that can be drawn into"),
        (_, Some(Precision::Half)) => Some("the GPU draws into 16-bit floats alone"),
        (EngineChoice::PassesFragment, _) => None,
        _ => Some("the GPU has no compute shaders"),
    };
    let fragment = Choice::Passes(LoweringKind::Fragment);
    (fragment, reason.map(str::to_owned))
}
