//! Looks now and then whether the numbers are still numbers, without waiting for the GPU.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bvgdm_plan::Plan;

const IDLE: u8 = 0;
const COPYING: u8 = 1;
const MAPPED: u8 = 2;

/// A copy of the newest latent on its way to the processor.
pub struct Probe {
    staging: wgpu::Buffer,
    state: Arc<AtomicU8>,
    /// Bytes of a row and from row to row.
    row: usize,
    stride: usize,
}

impl Probe {
    /// A probe that is idle.
    pub fn new(device: &wgpu::Device, plan: &Plan) -> Self {
        let last = plan.buffer(plan.state.last);
        let row = 4 * last.columns;
        let stride = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT as usize);
        Self {
            staging: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("bvgdm probe"),
                size: (last.rows * stride) as u64,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            }),
            state: Arc::new(AtomicU8::new(IDLE)),
            row,
            stride,
        }
    }

    /// Whether nothing is on its way.
    pub fn is_idle(&self) -> bool {
        self.state.load(Ordering::Acquire) == IDLE
    }

    /// Asks for the copy, after the commands that make it were submitted.
    pub fn fetch(&self) {
        self.state.store(COPYING, Ordering::Release);
        let state = self.state.clone();
        self.staging
            .map_async(wgpu::MapMode::Read, .., move |mapped| {
                let next = if mapped.is_ok() { MAPPED } else { IDLE };
                state.store(next, Ordering::Release);
            });
    }

    /// Whether all numbers of the copy were finite, once it is there.
    pub fn finite(&self) -> Option<bool> {
        if self.state.load(Ordering::Acquire) != MAPPED {
            return None;
        }
        let finite = {
            let bytes = self.staging.get_mapped_range(..);
            let rows = bytes.chunks(self.stride).map(|line| &line[..self.row]);
            let numbers = rows.flat_map(|row| row.chunks_exact(4));
            let mut numbers = numbers.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            numbers.all(f32::is_finite)
        };
        self.staging.unmap();
        self.state.store(IDLE, Ordering::Release);
        Some(finite)
    }

    pub(crate) fn copy_buffer(&self, encoder: &mut wgpu::CommandEncoder, source: &wgpu::Buffer) {
        let rows = source.size() / self.row as u64;
        for i in 0..rows {
            let (from, to) = (i * self.row as u64, i * self.stride as u64);
            encoder.copy_buffer_to_buffer(source, from, &self.staging, to, self.row as u64);
        }
    }

    pub(crate) fn copy_texture(&self, encoder: &mut wgpu::CommandEncoder, source: &wgpu::Texture) {
        encoder.copy_texture_to_buffer(
            source.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &self.staging,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(self.stride as u32),
                    rows_per_image: None,
                },
            },
            source.size(),
        );
    }
}
