//! Brings buffers to the processor now and then, without waiting for the GPU.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use bvgdm_plan::{BufferId, Plan};

use crate::constants::Precision;

/// Where the copies are.
enum State {
    Idle,
    /// How many are still to come, and what the others hold.
    Coming(usize, Vec<Vec<f32>>),
}

/// Copies of some buffers on their way to the processor: encode the copies
/// ([`GpuLowering::copy`](crate::GpuLowering::copy)), submit them, [`fetch`](Self::fetch) them, and
/// [`take`](Self::take) them when they are there.
pub struct Readback {
    state: Arc<Mutex<State>>,
    parts: Vec<Part>,
}

/// The copy of one buffer. Each is in a buffer of its own: all of a roll-out's memory may be more than
/// a device gives at once.
#[derive(Clone)]
struct Part {
    buffer: BufferId,
    staging: wgpu::Buffer,
    precision: Precision,
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
        let parts = buffers.iter().map(|&id| {
            let row = precision.bytes() * plan.buffer(id).columns;
            let stride = stride(row);
            Part {
                buffer: id,
                staging: device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("bvgdm read back"),
                    size: (plan.buffer(id).rows * stride) as u64,
                    usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                    mapped_at_creation: false,
                }),
                precision,
                row,
                stride,
            }
        });
        Self {
            parts: parts.collect(),
            state: Arc::new(Mutex::new(State::Idle)),
        }
    }

    /// Whether nothing is on its way.
    pub fn is_idle(&self) -> bool {
        matches!(*lock(&self.state), State::Idle)
    }

    /// Asks for the copies, after the commands that make them were submitted.
    pub fn fetch(&self) {
        let count = self.parts.len();
        *lock(&self.state) = State::Coming(count, vec![Vec::new(); count]);
        for (i, part) in self.parts.iter().enumerate() {
            let (state, copy) = (self.state.clone(), part.clone());
            part.staging
                .map_async(wgpu::MapMode::Read, .., move |mapped| {
                    // Read at once: a device may be lost before anybody takes it.
                    let numbers = mapped.ok().and_then(|()| copy.numbers());
                    let mut state = lock(&state);
                    let State::Coming(left, values) = &mut *state else {
                        return;
                    };
                    match numbers {
                        Some(numbers) => {
                            values[i] = numbers;
                            *left -= 1;
                        }
                        None => *state = State::Idle,
                    }
                });
        }
    }

    /// The buffers, each row-major, once all are there.
    pub fn take(&self) -> Option<Vec<Vec<f32>>> {
        let mut state = lock(&self.state);
        let State::Coming(0, values) = &mut *state else {
            return None;
        };
        let values = std::mem::take(values);
        *state = State::Idle;
        Some(values)
    }

    /// Which buffer is copied where.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (BufferId, &wgpu::Buffer)> {
        self.parts.iter().map(|part| (part.buffer, &part.staging))
    }
}

impl Part {
    /// What the copy holds, which is mapped; see [`read_mapped`].
    fn numbers(&self) -> Option<Vec<f32>> {
        read_mapped(&self.staging, |bytes| {
            // Millions of numbers, on the thread that draws the scene: rows at a time.
            let mut numbers = Vec::with_capacity(bytes.len() / self.precision.bytes());
            for line in bytes.chunks(self.stride) {
                self.precision.append(&line[..self.row], &mut numbers);
            }
            numbers
        })
    }
}

/// Reads a buffer that is mapped, which is not any more then; nothing if its device was destroyed meanwhile,
/// for which wgpu 29 has a panic alone.
pub fn read_mapped<T>(buffer: &wgpu::Buffer, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let all = || {
        let found = read(&buffer.get_mapped_range(..));
        buffer.unmap();
        found
    };
    catch_unwind(AssertUnwindSafe(all)).ok()
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
