//! A GPU without a game.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

/// A device, and the first of what it has refused, which wgpu would end the program for.
pub struct OpenGpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    refused: Arc<Mutex<Option<String>>>,
}

impl OpenGpu {
    /// # Errors
    /// When the device has refused something since this was asked last.
    pub fn check(&self) -> Result<()> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match refused.take() {
            Some(refused) => bail!("the GPU refused: {refused}"),
            None => Ok(()),
        }
    }
}

/// The GPU that wgpu finds first.
pub fn open() -> Result<OpenGpu> {
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
        let (device, queue) = adapter.request_device(&descriptor).await?;
        let refused = Arc::new(Mutex::new(None));
        let note = refused.clone();
        device.on_uncaptured_error(Arc::new(move |error| {
            let mut first = note.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| error.to_string());
        }));
        Ok(OpenGpu {
            device,
            queue,
            refused,
        })
    })
}

/// The GPU for a test, which may run without one where none is required.
#[cfg(test)]
pub fn open_or_skip(test: &str) -> Option<OpenGpu> {
    use std::io::Write as _;

    match open() {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            let required = std::env::var("BVGDM_REQUIRE_GPU").is_ok_and(|value| value == "1");
            assert!(!required, "{error:#}");
            // Written past libtest, which keeps what a passing test prints to itself.
            writeln!(std::io::stderr(), "{test}: skipped, {error:#}").ok();
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_refuses_is_an_error_once() {
        let Some(gpu) = open_or_skip("what a device refuses") else {
            return;
        };
        assert!(gpu.check().is_ok());
        let buffer = wgpu::BufferDescriptor {
            label: Some("of no use"),
            size: 16,
            usage: wgpu::BufferUsages::empty(),
            mapped_at_creation: false,
        };
        drop(gpu.device.create_buffer(&buffer));
        let refused = gpu.check().unwrap_err().to_string();
        assert!(refused.contains("of no use"), "{refused}");
        assert!(gpu.check().is_ok());
    }
}
