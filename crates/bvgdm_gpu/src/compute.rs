//! The lowering to compute shaders.

mod bindings;
mod pipelines;

use std::sync::Arc;

use bvgdm_plan::{Buffer, BufferId, PassKind, Plan, Stage};
use wgpu::BufferUsages;

use crate::constants::{Constants, Precision, Tuning};
use crate::error::{GpuError, Result, at_most};
use crate::gpu::Gpu;
use crate::lowering::Passes;
use crate::offsets::Offsets;
use crate::present::{Pixels, Present, Presenter};
use crate::script::{Command, Script};
use bindings::bind;
use pipelines::{Pipelines, Program, groups};

/// The widest head: two vectors for each of the sixteen threads that share a query.
const MAX_HEAD: usize = 128;

/// Weights and pipelines, shared by all roll-outs.
pub(crate) struct ComputeWorld {
    pub gpu: Gpu,
    pipelines: Pipelines,
    /// Of each stage and pass.
    programs: [Vec<Program>; 5],
    /// Of each table that holds weights.
    weights: Vec<Option<wgpu::Buffer>>,
    constants: wgpu::Buffer,
    offsets: Offsets,
    /// Bound where a pass has nothing to bind.
    nothing: wgpu::Buffer,
    present: Present,
}

/// The buffers of one roll-out.
pub(crate) struct ComputePasses {
    world: Arc<ComputeWorld>,
    buffers: Vec<wgpu::Buffer>,
    groups: [Vec<wgpu::BindGroup>; 5],
}

impl ComputeWorld {
    pub fn new(gpu: Gpu, tuning: Tuning) -> Result<Self> {
        let Gpu {
            plan,
            device,
            queue,
        } = &gpu;
        let precision = tuning.weights;
        let constants = Constants::of(plan);
        let share = tuning.threads.share(device);
        check(plan, &constants, &device.limits(), precision, share)?;
        let buffer = |label: &str, bytes: &[u8]| {
            let buffer = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: bytes.len() as u64,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            queue.write_buffer(&buffer, 0, bytes);
            buffer
        };
        let weights = plan.tables.iter().map(|table| {
            let stored = table.weight.then(|| precision.store(table)).transpose()?;
            Ok(stored.map(|bytes| buffer(&table.name, &bytes)))
        });
        let weights = weights.collect::<Result<_>>()?;
        let mut pipelines = Pipelines::new(device, share);
        let programs = pipelines.programs(device, plan, precision);
        Ok(Self {
            weights,
            offsets: Offsets::new(device, queue, plan, &constants),
            constants: buffer("bvgdm constants", bytemuck::cast_slice(&constants.values)),
            nothing: buffer("bvgdm nothing", &[0; 16]),
            present: Present::new(device, &plan.image, Pixels::Buffer, tuning.picture),
            pipelines,
            programs,
            gpu,
        })
    }

    pub fn pipeline_count(&self) -> usize {
        self.pipelines.count()
    }
}

impl ComputePasses {
    /// Zeroed buffers.
    pub fn new(world: Arc<ComputeWorld>, script: &Script) -> Self {
        let Gpu { plan, device, .. } = &world.gpu;
        let buffers = plan.buffers.iter().map(|buffer| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(&buffer.name),
                size: bytes_of(buffer),
                usage: BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            })
        });
        let buffers: Vec<_> = buffers.collect();
        let groups = Stage::ALL.map(|stage| {
            let passes = plan.passes(stage).iter().enumerate();
            passes
                .map(|(i, pass)| {
                    let offsets = world.offsets.entry(stage, i);
                    bind(&world, &buffers, &script.inputs, offsets, &pass.kind)
                })
                .collect()
        });
        Self {
            world,
            buffers,
            groups,
        }
    }
}

impl Passes for ComputePasses {
    fn gpu(&self) -> &Gpu {
        &self.world.gpu
    }

    fn write(&self, buffer: BufferId, first_row: usize, values: &[f32]) {
        let Gpu { plan, queue, .. } = self.gpu();
        let offset = 4 * first_row as u64 * plan.buffer(buffer).columns as u64;
        let bytes = bytemuck::cast_slice(values);
        queue.write_buffer(&self.buffers[buffer.0], offset, bytes);
    }

    fn encode(&self, encoder: &mut wgpu::CommandEncoder, commands: &[Command]) {
        let plan = &self.gpu().plan;
        let first = commands.first();
        let first = first.map(|first| &plan.passes(first.stage)[first.pass]);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            // A capture shows where it begins.
            label: first.map(|first| first.label.as_str()),
            timestamp_writes: None,
        });
        for command in commands {
            let stage = command.stage as usize;
            let program = &self.world.programs[stage][command.pass];
            pass.set_pipeline(self.world.pipelines.get(program));
            pass.set_bind_group(0, &self.groups[stage][command.pass], &[command.offset]);
            let [x, y, z] = program.groups;
            pass.dispatch_workgroups(x, y, z);
        }
    }

    fn presenter(&self) -> Presenter {
        let Gpu { plan, device, .. } = self.gpu();
        let pixels = &self.buffers[plan.state.pixels.0];
        self.world.present.of(device, pixels.as_entire_binding())
    }

    fn precision(&self) -> Precision {
        Precision::Single
    }

    fn stride(&self, row: usize) -> usize {
        row
    }

    fn copy(&self, encoder: &mut wgpu::CommandEncoder, buffer: BufferId, target: &wgpu::Buffer) {
        let source = &self.buffers[buffer.0];
        encoder.copy_buffer_to_buffer(source, 0, target, 0, source.size());
    }
}

/// In 64 bits: a browser's `usize` has half of that.
fn bytes_of(buffer: &Buffer) -> u64 {
    4 * buffer.rows as u64 * buffer.columns as u64
}

/// Compares the plan with the device, before anything is allocated.
fn check(
    plan: &Plan,
    constants: &Constants,
    limits: &wgpu::Limits,
    precision: Precision,
    share: bool,
) -> Result<()> {
    let storage_buffers = limits.max_storage_buffers_per_shader_stage;
    if limits.max_compute_invocations_per_workgroup == 0 {
        return Err(GpuError::Missing("compute shaders"));
    }
    at_most("storage buffers of a shader", 7, storage_buffers.into())?;
    let invocations = limits.max_compute_invocations_per_workgroup;
    at_most("threads of a workgroup", 256, invocations.into())?;
    let memory = limits.max_compute_workgroup_storage_size;
    at_most("bytes of workgroup memory", 13_440, memory.into())?;
    let largest = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    for table in plan.tables.iter().filter(|table| table.weight) {
        let bytes = [table.columns, precision.bytes()];
        let bytes = bytes.iter().fold(table.rows as u64, |n, &m| n * m as u64);
        at_most(format!("bytes of {}", table.name), bytes, largest)?;
    }
    let bytes = 4 * constants.values.len() as u64;
    at_most("bytes of the constants", bytes, largest)?;
    for buffer in &plan.buffers {
        at_most(
            format!("bytes of {}", buffer.name),
            bytes_of(buffer),
            largest,
        )?;
    }
    let most = limits.max_compute_workgroups_per_dimension;
    for pass in Stage::ALL.iter().flat_map(|&stage| plan.passes(stage)) {
        let groups = groups(&pass.kind, plan, share).into_iter().max();
        let name = format!("workgroups of {}", pass.label);
        at_most(name, groups.unwrap_or(0).into(), most.into())?;
        let head = match &pass.kind {
            PassKind::Spatial(pass) => pass.head_dim,
            PassKind::Temporal(pass) => pass.head_dim,
            _ => continue,
        };
        at_most("channels of a head", head as u64, MAX_HEAD as u64)?;
    }
    Ok(())
}
