//! Bevy's device as one of burn's.

use std::sync::{Mutex, PoisonError};

use bevy::prelude::*;
use burn_wgpu::{MemoryConfiguration, RuntimeOptions, WgpuDevice, WgpuSetup, init_device};
use wgpu::{DownlevelFlags, Features};

use crate::play::passes::{DeviceMark, Parts};

/// What burn calls the devices that it was given: each is introduced once.
#[derive(Resource, Default)]
pub(in crate::play) struct BurnDevices(Mutex<Vec<(DeviceMark, WgpuDevice)>>);

/// Storage buffers that burn's kernels want, one for their own sizes among them.
const STORAGE_BUFFERS: u32 = 8;
/// Threads of a workgroup that they want.
const INVOCATIONS: u32 = 256;

impl BurnDevices {
    /// Burn's name for this device.
    pub(super) fn get(&self, parts: &Parts) -> WgpuDevice {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, device)) = known.iter().find(|(mark, _)| *mark == parts.mark) {
            return device.clone();
        }
        // Those that were lost are not asked for again.
        known.clear();
        let setup = WgpuSetup {
            // Kept by burn, and not used.
            instance: wgpu::Instance::new(wgpu::InstanceDescriptor {
                backends: wgpu::Backends::empty(),
                ..wgpu::InstanceDescriptor::new_without_display_handle()
            }),
            adapter: parts.adapter.clone(),
            device: parts.device.clone(),
            queue: parts.queue.clone(),
            backend: parts.adapter.get_info().backend,
        };
        let options = RuntimeOptions {
            // From 64 on, every 64th kernel would wait for the GPU.
            tasks_max: 32,
            // Every tensor at the beginning of a buffer of its own.
            memory_config: MemoryConfiguration::ExclusivePages,
        };
        let device = init_device(setup, options);
        known.push((parts.mark.clone(), device.clone()));
        device
    }

    /// What this device lacks that burn's kernels need; burn itself looks at the adapter, and would
    /// write shaders that the device refuses.
    pub(in crate::play) fn missing(parts: &Parts) -> Option<&'static str> {
        let (limits, features) = (parts.device.limits(), parts.device.features());
        let flags = parts.adapter.get_downlevel_capabilities().flags;
        let read = Features::SHADER_F16
            | Features::SHADER_INT64
            | Features::SHADER_F64
            | Features::SUBGROUP
            | Features::TIMESTAMP_QUERY
            | Features::SHADER_FLOAT32_ATOMIC;
        if !flags.contains(DownlevelFlags::COMPUTE_SHADERS) {
            Some("the GPU has no compute shaders")
        } else if limits.max_storage_buffers_per_shader_stage < STORAGE_BUFFERS {
            Some("burn needs 8 storage buffers a shader")
        } else if limits.max_compute_invocations_per_workgroup < INVOCATIONS {
            Some("burn needs 256 threads a workgroup")
        } else if !features.contains(parts.adapter.features() & read) {
            Some("burn needs all features of the GPU, and the game has switched some off")
        } else {
            None
        }
    }
}
