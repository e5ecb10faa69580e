//! Whether a machine has a device at all, before Bevy is asked for one.

use bevy::render::settings::WgpuSettings;

/// Whether a device can be had as these settings ask for it.
#[cfg(not(target_family = "wasm"))]
pub(super) fn can_be_had(settings: &WgpuSettings) -> bool {
    let Some(backends) = settings.backends else {
        return false;
    };
    bevy::tasks::block_on(async {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let options = wgpu::RequestAdapterOptions {
            power_preference: settings.power_preference,
            force_fallback_adapter: settings.force_fallback_adapter,
            compatible_surface: None,
        };
        let Ok(adapter) = instance.request_adapter(&options).await else {
            return false;
        };
        let device = wgpu::DeviceDescriptor {
            required_limits: adapter.limits(),
            ..Default::default()
        };
        adapter.request_device(&device).await.is_ok()
    })
}

/// Browsers answer later only, and have a page that sees to it.
#[cfg(target_family = "wasm")]
pub(super) fn can_be_had(_settings: &WgpuSettings) -> bool {
    true
}
