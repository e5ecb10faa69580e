//! A GPU without a game.

use anyhow::{Context as _, Result};

/// The GPU that wgpu finds first.
pub fn open() -> Result<(wgpu::Device, wgpu::Queue)> {
    futures_lite::future::block_on(async {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
        let instance = wgpu::Instance::new(descriptor);
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await
            .context("no GPU")?;
        let info = adapter.get_info();
        eprintln!("{} ({:?}, {:?})", info.name, info.device_type, info.backend);
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: adapter.limits(),
            ..Default::default()
        };
        Ok(adapter.request_device(&descriptor).await?)
    })
}
