//! What is still to be encoded: passes of stages, each with its step's input.

use std::collections::VecDeque;

use bvgdm_plan::{Plan, Stage, StepInput};

/// Bytes from one step's input to the next; every device aligns to this or less.
const STRIDE: u64 = 256;
/// Inputs that fit: more than one frame ever needs.
const INPUTS: u64 = 64;

/// A pass that is still to be encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Command {
    pub stage: Stage,
    pub pass: usize,
    /// Where its step's input begins in the buffer of inputs.
    pub offset: u32,
    /// The new frame's slot.
    pub slot: usize,
    /// Denoising steps of the frame.
    pub steps: usize,
}

/// The queue of passes, and the uniform buffer of their inputs.
pub(crate) struct Script {
    pub inputs: wgpu::Buffer,
    pending: VecDeque<Command>,
    next: u64,
}

/// A step's input as shaders have it.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct RawInput {
    step: u32,
    slot: u32,
    cached: u32,
    steps: u32,
    update: [f32; 4],
    context: [f32; 4],
}

impl Script {
    pub fn new(device: &wgpu::Device) -> Self {
        Self {
            inputs: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("bvgdm step inputs"),
                size: STRIDE * INPUTS,
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
            pending: VecDeque::new(),
            next: 0,
        }
    }

    /// Adds a stage's passes.
    pub fn add(&mut self, queue: &wgpu::Queue, plan: &Plan, stage: Stage, input: &StepInput) {
        let offset = self.next % INPUTS * STRIDE;
        self.next += 1;
        let [u0, u1, u2] = input.update;
        let [c0, c1] = input.context;
        let raw = RawInput {
            step: input.step as u32,
            slot: input.slot as u32,
            cached: input.cached as u32,
            steps: input.steps as u32,
            update: [u0, u1, u2, 0.0],
            context: [c0, c1, 0.0, 0.0],
        };
        queue.write_buffer(&self.inputs, offset, bytemuck::bytes_of(&raw));
        let passes = 0..plan.passes(stage).len();
        self.pending.extend(passes.map(|pass| Command {
            stage,
            pass,
            offset: offset as u32,
            slot: input.slot,
            steps: input.steps,
        }));
    }

    /// The next `count` passes at most.
    pub fn take(&mut self, count: usize) -> Vec<Command> {
        self.pending
            .drain(..count.min(self.pending.len()))
            .collect()
    }

    /// The stage of the next pass, and how many passes of it follow each other.
    pub fn next_stage(&self) -> Option<(Stage, usize)> {
        let stage = self.pending.front()?.stage;
        let same = self.pending.iter().take_while(|next| next.stage == stage);
        Some((stage, same.count()))
    }

    /// The next pass: its stage, and its place in it.
    pub fn next_pass(&self) -> Option<(Stage, usize)> {
        let next = self.pending.front()?;
        Some((next.stage, next.pass))
    }

    /// How many passes are left.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Bytes of one step's input.
    pub fn input_size() -> u64 {
        size_of::<RawInput>() as u64
    }
}
