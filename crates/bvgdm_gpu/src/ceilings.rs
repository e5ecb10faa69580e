//! What an adapter can do at most, measured with what the passes have too.

use std::time::Instant;

use wgpu::util::DeviceExt as _;
use wgpu::{BufferUsages, PollType};

use crate::shaders::COMPUTE_LINEAR;

/// Bytes of the buffer that is copied.
const COPIED: u64 = 64 << 20;
/// Sides of the square products, the first that takes long enough is the last.
const SIDES: [usize; 4] = [256, 512, 1024, 2048];
/// What is long enough to be measured, in seconds: a submission takes a fraction of a millisecond by itself.
const LONG_ENOUGH: f64 = 0.05;
/// How often a thing is done in one submission, at most.
const MOST_REPEATS: u32 = 1 << 12;
/// The best of so many runs counts.
const RUNS: usize = 3;

/// The most that a device was seen to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceilings {
    /// GFLOP/s of a large square matrix product, our own, with weights in f16.
    pub product: f64,
    /// GB/s of a large copy from buffer to buffer, what is read and what is written added up.
    pub copy: f64,
}

impl Ceilings {
    /// Measures a device that does nothing else; a second or so. Nothing without compute shaders.
    ///
    /// # Errors
    /// When the device is lost.
    pub fn measure(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) -> Result<Option<Self>, wgpu::PollError> {
        let limits = device.limits();
        if limits.max_compute_invocations_per_workgroup < 256 {
            return Ok(None);
        }
        let bench = Bench { device, queue };
        let mut product = 0.0f64;
        for (entry, columns, rows) in [("tiled", 64, 16), ("direct", 32, 64)] {
            for side in SIDES {
                // The largest alone is worth repeating.
                let repeats = match SIDES.last() == Some(&side) {
                    true => MOST_REPEATS,
                    false => 1,
                };
                let workgroups = [side.div_ceil(columns), side / rows];
                let took = bench.product(entry, side, workgroups, repeats)?;
                product = product.max(2.0 * (side as f64).powi(3) / took / 1e9);
                if took > LONG_ENOUGH {
                    break;
                }
            }
        }
        let bytes = COPIED.min(limits.max_buffer_size);
        let copy = 2.0 * bytes as f64 / bench.copy(bytes)? / 1e9;
        Ok(Some(Self { product, copy }))
    }
}

struct Bench<'a> {
    device: &'a wgpu::Device,
    queue: &'a wgpu::Queue,
}

impl Bench<'_> {
    /// Seconds of a product of two squares.
    fn product(
        &self,
        entry: &str,
        side: usize,
        [x, y]: [usize; 2],
        repeats: u32,
    ) -> Result<f64, wgpu::PollError> {
        let constants = [
            ("FIRST_ROW", 0.0),
            ("ROWS", side as f64),
            ("TOKENS", side as f64),
            ("INPUTS4", (side / 4) as f64),
            ("OUTPUTS4", (side / 4) as f64),
        ];
        let pipeline = self
            .device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some("bvgdm ceiling"),
                layout: None,
                module: &COMPUTE_LINEAR.module(self.device),
                entry_point: Some(entry),
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants: &constants,
                    zero_initialize_workgroup_memory: false,
                },
                cache: None,
            });
        let numbers = side * side;
        let input = self.buffer(&vec![0x3f; 4 * numbers], BufferUsages::STORAGE);
        let weight = self.buffer(&vec![0x3c; 2 * numbers], BufferUsages::STORAGE);
        let output = self.buffer(&vec![0; 4 * numbers], BufferUsages::STORAGE);
        let nothing = self.buffer(&[0; 16], BufferUsages::STORAGE);
        let uniform = self.buffer(&[0; 64], BufferUsages::UNIFORM);
        let bound = [
            (0, &uniform),
            (1, &input),
            (2, &weight),
            (3, &nothing),
            (4, &nothing),
            (5, &nothing),
            (6, &nothing),
            (7, &output),
            (15, &uniform),
        ];
        let entries = bound.map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        });
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("bvgdm ceiling"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        self.best(repeats, |encoder| {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(x as u32, y as u32, 1);
        })
    }

    /// Seconds of a copy.
    fn copy(&self, size: u64) -> Result<f64, wgpu::PollError> {
        let [from, to] = [BufferUsages::COPY_SRC, BufferUsages::COPY_DST].map(|usage| {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("bvgdm ceiling"),
                size,
                usage: usage | BufferUsages::STORAGE,
                mapped_at_creation: false,
            })
        });
        self.best(MOST_REPEATS, |encoder| {
            encoder.copy_buffer_to_buffer(&from, 0, &to, 0, size);
        })
    }

    /// Seconds of `work` in the fastest run, in which it is done as often as it takes to be long enough, `most`
    /// times at most; one run before them warms up.
    fn best(
        &self,
        most: u32,
        work: impl Fn(&mut wgpu::CommandEncoder),
    ) -> Result<f64, wgpu::PollError> {
        let run = |repeats: u32| {
            let mut encoder = self.device.create_command_encoder(&Default::default());
            for _ in 0..repeats {
                work(&mut encoder);
            }
            let commands = encoder.finish();
            let begun = Instant::now();
            self.queue.submit([commands]);
            self.device.poll(PollType::wait_indefinitely())?;
            Ok(begun.elapsed().as_secs_f64())
        };
        run(1)?;
        let mut repeats = 1;
        let mut best: f64 = run(repeats)?;
        while best < LONG_ENOUGH && repeats < most {
            repeats *= 2;
            best = run(repeats)?;
        }
        for _ in 1..RUNS {
            best = best.min(run(repeats)?);
        }
        Ok(best.max(1e-9) / f64::from(repeats))
    }

    fn buffer(&self, contents: &[u8], usage: BufferUsages) -> wgpu::Buffer {
        self.device
            .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("bvgdm ceiling"),
                contents,
                usage,
            })
    }
}
