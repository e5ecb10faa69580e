//! Brings buffers to the processor now and then, without waiting for the GPU.

use std::sync::{Arc, Mutex, PoisonError};

use bvgdm_plan::{BufferId, Plan};

use crate::constants::Precision;

/// Where a copy is.
enum State {
    Idle,
    Copying,
    Copied(Vec<u8>),
}

/// Copies of some buffers on their way to the processor: encode the copy
/// ([`GpuLowering::copy`](crate::GpuLowering::copy)), submit it, [`fetch`](Self::fetch) it, and
/// [`take`](Self::take) it when it is there.
pub struct Readback {
    staging: wgpu::Buffer,
    state: Arc<Mutex<State>>,
    parts: Vec<Part>,
    precision: Precision,
}

/// One buffer's place in the copy.
struct Part {
    buffer: BufferId,
    offset: usize,
    rows: usize,
    /// Bytes of a row, and from row to row.
    row: usize,
    stride: usize,
}

impl Readback {
    pub(crate) fn new(
        device: &wgpu::Device,
        plan: &Plan,
        buffers: &[BufferId],
        precision: Precision,
        stride: impl Fn(usize) -> usize,
    ) -> Self {
        let mut size = 0;
        let parts = buffers.iter().map(|&id| {
            let rows = plan.buffer(id).rows;
            let row = precision.bytes() * plan.buffer(id).columns;
            let part = Part {
                buffer: id,
                offset: size,
                rows,
                row,
                stride: stride(row),
            };
            // Copies from textures begin at whole texels.
            size = (size + rows * part.stride).next_multiple_of(16);
            part
        });
        let parts = parts.collect();
        Self {
            staging: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("bvgdm read back"),
                size: size as u64,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            }),
            state: Arc::new(Mutex::new(State::Idle)),
            parts,
            precision,
        }
    }

    /// Whether nothing is on its way.
    pub fn is_idle(&self) -> bool {
        matches!(*lock(&self.state), State::Idle)
    }

    /// Asks for the copy, after the commands that make it were submitted.
    pub fn fetch(&self) {
        *lock(&self.state) = State::Copying;
        let (state, staging) = (self.state.clone(), self.staging.clone());
        self.staging
            .map_async(wgpu::MapMode::Read, .., move |mapped| {
                // Read at once: a device may be lost before anybody takes it.
                let next = match mapped {
                    Ok(()) => {
                        let bytes = staging.get_mapped_range(..).to_vec();
                        staging.unmap();
                        State::Copied(bytes)
                    }
                    Err(_) => State::Idle,
                };
                *lock(&state) = next;
            });
    }

    /// The buffers, each row-major, once they are there.
    pub fn take(&self) -> Option<Vec<Vec<f32>>> {
        let mut state = lock(&self.state);
        let State::Copied(bytes) = &*state else {
            return None;
        };
        let part = |part: &Part| {
            let lines = bytes[part.offset..].chunks(part.stride).take(part.rows);
            let width = self.precision.bytes();
            let numbers = lines.flat_map(|line| line[..part.row].chunks_exact(width));
            numbers.map(|bytes| self.precision.number(bytes)).collect()
        };
        let values = self.parts.iter().map(part).collect();
        *state = State::Idle;
        Some(values)
    }

    /// Which buffer is copied to which byte.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (BufferId, u64)> + '_ {
        let parts = self.parts.iter();
        parts.map(|part| (part.buffer, part.offset as u64))
    }

    pub(crate) fn staging(&self) -> &wgpu::Buffer {
        &self.staging
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
