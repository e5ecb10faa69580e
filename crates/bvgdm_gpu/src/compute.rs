//! The lowering to compute shaders.

mod bindings;
mod pipelines;

use std::sync::Arc;

use bvgdm_plan::{BufferId, Lowering, PassKind, Plan, Stage, StepInput};
use wgpu::BufferUsages;

use crate::constants::{Constants, Precision};
use crate::error::{GpuError, Result, at_most};
use crate::offsets::Offsets;
use crate::present::{Pixels, Presenter};
use crate::script::Script;
use bindings::bind;
use pipelines::{Pipelines, Program};

/// The widest head: two vectors for each of the sixteen threads that share a query.
const MAX_HEAD: usize = 128;

/// A plan on a device: weights and pipelines, shared by all roll-outs.
pub struct ComputeWorld {
    plan: Arc<Plan>,
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipelines: Pipelines,
    /// Of each stage and pass.
    programs: [Vec<Program>; 5],
    /// Of each table that holds weights.
    weights: Vec<Option<wgpu::Buffer>>,
    constants: wgpu::Buffer,
    offsets: Offsets,
    /// Bound where a pass has nothing to bind.
    nothing: wgpu::Buffer,
}

/// The buffers of one roll-out, and what is still to be run on them.
pub struct ComputeLowering {
    world: Arc<ComputeWorld>,
    buffers: Vec<wgpu::Buffer>,
    groups: [Vec<wgpu::BindGroup>; 5],
    script: Script,
}

impl ComputeWorld {
    /// Uploads the weights and makes the pipelines.
    ///
    /// # Errors
    /// When the device is too small for the plan; nothing has been allocated then.
    pub fn new(
        plan: Arc<Plan>,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        precision: Precision,
    ) -> Result<Self> {
        check(&plan, &device.limits(), precision)?;
        let constants = Constants::of(&plan);
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
        let mut pipelines = Pipelines::new(device);
        let programs = pipelines.programs(device, &plan, precision);
        Ok(Self {
            weights,
            offsets: Offsets::new(device, queue, &plan, &constants),
            constants: buffer("bvgdm constants", bytemuck::cast_slice(&constants.values)),
            nothing: buffer("bvgdm nothing", &[0; 16]),
            device: device.clone(),
            queue: queue.clone(),
            pipelines,
            programs,
            plan,
        })
    }

    /// What it is made of.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Different pipelines.
    pub fn pipeline_count(&self) -> usize {
        self.pipelines.count()
    }
}

impl ComputeLowering {
    /// Zeroed buffers for a roll-out.
    pub fn new(world: Arc<ComputeWorld>) -> Self {
        let buffers: Vec<_> = world
            .plan
            .buffers
            .iter()
            .map(|buffer| {
                world.device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some(&buffer.name),
                    size: (4 * buffer.rows * buffer.columns) as u64,
                    usage: BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC,
                    mapped_at_creation: false,
                })
            })
            .collect();
        let script = Script::new(&world.device);
        let groups = Stage::ALL.map(|stage| {
            let passes = world.plan.passes(stage).iter().enumerate();
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
            script,
        }
    }

    /// Encodes the next passes, `count` at most; how many are left.
    pub fn encode(&mut self, encoder: &mut wgpu::CommandEncoder, count: usize) -> usize {
        let commands = self.script.take(count);
        if !commands.is_empty() {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some("bvgdm"),
                timestamp_writes: None,
            });
            for command in commands {
                let stage = command.stage as usize;
                let program = &self.world.programs[stage][command.pass];
                pass.set_pipeline(self.world.pipelines.get(program));
                pass.set_bind_group(0, &self.groups[stage][command.pass], &[command.offset]);
                let [x, y] = program.groups;
                pass.dispatch_workgroups(x, y, 1);
            }
        }
        self.script.len()
    }

    /// Encodes and submits everything that is left, for callers without an encoder of their own.
    pub fn submit(&mut self) {
        let mut encoder = self
            .world
            .device
            .create_command_encoder(&Default::default());
        self.encode(&mut encoder, usize::MAX);
        self.world.queue.submit([encoder.finish()]);
    }

    /// Forgets what has not been encoded.
    pub fn clear(&mut self) {
        self.script.take(usize::MAX);
    }

    /// Passes that wait to be encoded.
    pub fn pending(&self) -> usize {
        self.script.len()
    }

    /// A buffer of the plan, `[rows, columns]` in f32.
    pub fn buffer(&self, id: BufferId) -> &wgpu::Buffer {
        &self.buffers[id.0]
    }

    /// What draws the picture into textures of this format.
    pub fn presenter(&self, format: wgpu::TextureFormat) -> Presenter {
        let (world, plan) = (&self.world, &self.world.plan);
        let pixels = Pixels::Buffer(self.buffer(plan.state.pixels));
        Presenter::new(&world.device, &plan.image, &pixels, format)
    }

    /// The world that is played.
    pub fn world(&self) -> &Arc<ComputeWorld> {
        &self.world
    }
}

impl Lowering for ComputeLowering {
    fn write(&mut self, buffer: BufferId, first_row: usize, values: &[f32]) {
        // Writes come before everything in the next submission. A new frame's noise, or a new
        // picture, must not come before the passes of the last frame.
        let state = &self.world.plan.state;
        if (buffer == state.drawn || buffer == state.pixels) && self.pending() > 0 {
            self.submit();
        }
        let offset = 4 * first_row * self.world.plan.buffer(buffer).columns;
        let bytes = bytemuck::cast_slice(values);
        let target = &self.buffers[buffer.0];
        self.world.queue.write_buffer(target, offset as u64, bytes);
    }

    fn run(&mut self, stage: Stage, input: &StepInput) {
        let world = &self.world;
        self.script.add(&world.queue, &world.plan, stage, input);
    }
}

/// Compares the plan with the device, before anything is allocated.
fn check(plan: &Plan, limits: &wgpu::Limits, precision: Precision) -> Result<()> {
    let storage_buffers = limits.max_storage_buffers_per_shader_stage;
    if limits.max_compute_invocations_per_workgroup == 0 {
        return Err(GpuError::Missing("compute shaders"));
    }
    at_most("storage buffers of a shader", 7, storage_buffers.into())?;
    let invocations = limits.max_compute_invocations_per_workgroup;
    at_most("threads of a workgroup", 128, invocations.into())?;
    let memory = limits.max_compute_workgroup_storage_size;
    at_most("bytes of workgroup memory", 5120, memory.into())?;
    let largest = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    for table in &plan.tables {
        let bytes = if table.weight { precision.bytes() } else { 4 };
        let bytes = (table.rows * table.columns * bytes) as u64;
        at_most(format!("bytes of {}", table.name), bytes, largest)?;
    }
    for buffer in &plan.buffers {
        let bytes = (4 * buffer.rows * buffer.columns) as u64;
        at_most(format!("bytes of {}", buffer.name), bytes, largest)?;
    }
    for pass in Stage::ALL.iter().flat_map(|&stage| plan.passes(stage)) {
        let head = match &pass.kind {
            PassKind::Spatial(pass) => pass.head_dim,
            PassKind::Temporal(pass) => pass.head_dim,
            _ => continue,
        };
        at_most("channels of a head", head as u64, MAX_HEAD as u64)?;
    }
    Ok(())
}
