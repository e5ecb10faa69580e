//! A device to test on, and reading back from it.

use std::io::Write as _;

use bvgdm_gpu::GpuLowering;
use bvgdm_plan::{BufferId, Plan};

/// A device, or none; fails where one is required (`BVGDM_REQUIRE_GPU=1`).
pub fn open(test: &str) -> Option<(wgpu::Device, wgpu::Queue)> {
    open_with(test, |_| {})
}

/// As [`open`], with less than the adapter has.
pub fn open_with(
    test: &str,
    restrict: impl FnOnce(&mut wgpu::Limits),
) -> Option<(wgpu::Device, wgpu::Queue)> {
    let opened = futures_lite::future::block_on(async {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
        let instance = wgpu::Instance::new(descriptor);
        let adapter = instance.request_adapter(&Default::default()).await.ok()?;
        let mut limits = adapter.limits();
        restrict(&mut limits);
        let device = wgpu::DeviceDescriptor {
            required_limits: limits,
            ..Default::default()
        };
        adapter.request_device(&device).await.ok()
    });
    let required = std::env::var("BVGDM_REQUIRE_GPU").is_ok_and(|value| value == "1");
    assert!(
        opened.is_some() || !required,
        "{test}: no GPU, but one is required"
    );
    if opened.is_none() {
        // Written past libtest, which keeps what a passing test prints to itself.
        writeln!(std::io::stderr(), "{test}: skipped, there is no GPU").ok();
    }
    opened
}

/// Buffers of the plan, as floats.
pub fn read_buffers(
    (device, queue): (&wgpu::Device, &wgpu::Queue),
    lowering: &GpuLowering,
    buffers: &[BufferId],
) -> Vec<Vec<f32>> {
    let readback = lowering.readback(buffers);
    let mut encoder = device.create_command_encoder(&Default::default());
    lowering.copy(&mut encoder, &readback);
    queue.submit([encoder.finish()]);
    assert!(readback.is_idle() && readback.take().is_none());
    readback.fetch();
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    readback.take().unwrap()
}

/// A texture's bytes, row by row.
pub fn read_texture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
) -> Vec<u8> {
    let line = texture.width() * texture.format().block_copy_size(None).unwrap();
    let padded = line.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let staging = staging(device, u64::from(padded * texture.height()));
    let mut encoder = device.create_command_encoder(&Default::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &staging,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(padded),
                rows_per_image: None,
            },
        },
        texture.size(),
    );
    queue.submit([encoder.finish()]);
    let bytes = map(device, &staging);
    let lines = bytes.chunks_exact(padded as usize);
    lines.flat_map(|l| l[..line as usize].to_vec()).collect()
}

/// The buffers that passes write, in words.
pub fn name(plan: &Plan, id: BufferId) -> &str {
    &plan.buffer(id).name
}

fn staging(device: &wgpu::Device, size: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size,
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    })
}

fn map(device: &wgpu::Device, staging: &wgpu::Buffer) -> Vec<u8> {
    staging.map_async(wgpu::MapMode::Read, .., Result::unwrap);
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    staging.get_mapped_range(..).to_vec()
}
