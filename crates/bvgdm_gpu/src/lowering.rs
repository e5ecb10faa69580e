//! One roll-out on a device, whichever shaders run it.

use bvgdm_plan::{BufferId, Lowering, Stage, StepInput};

use crate::constants::Precision;
use crate::gpu::Gpu;
use crate::present::Presenter;
use crate::readback::Readback;
use crate::script::{Command, Script};

/// The buffers of a roll-out, and how passes run on them.
pub(crate) trait Passes: Send + Sync {
    /// Whose they are.
    fn gpu(&self) -> &Gpu;

    /// Writes whole rows from `first_row` on, before the next submission.
    fn write(&self, buffer: BufferId, first_row: usize, values: &[f32]);

    /// Encodes passes in this order.
    fn encode(&self, encoder: &mut wgpu::CommandEncoder, commands: &[Command]);

    /// What draws the picture.
    fn presenter(&self) -> Presenter;

    /// Numbers of a copy.
    fn precision(&self) -> Precision;

    /// Bytes from row to row of a copy whose rows have `row` bytes each.
    fn stride(&self, row: usize) -> usize;

    /// Encodes a copy of a whole buffer to `target`.
    fn copy(&self, encoder: &mut wgpu::CommandEncoder, buffer: BufferId, target: &wgpu::Buffer);
}

/// One roll-out of a [`GpuWorld`](crate::GpuWorld): its buffers, and what is still to be run on them.
pub struct GpuLowering {
    passes: Box<dyn Passes>,
    script: Script,
}

impl GpuLowering {
    pub(crate) fn new(passes: Box<dyn Passes>, script: Script) -> Self {
        Self { passes, script }
    }

    /// Encodes the next passes, `count` at most; how many are left.
    pub fn encode(&mut self, encoder: &mut wgpu::CommandEncoder, count: usize) -> usize {
        let commands = self.script.take(count);
        if !commands.is_empty() {
            self.passes.encode(encoder, &commands);
        }
        self.script.len()
    }

    /// The stage of the next pass, and how many of the passes that follow are of it.
    pub fn next_stage(&self) -> Option<(Stage, usize)> {
        self.script.next_stage()
    }

    /// The next pass: its stage, and its place in it.
    pub fn next_pass(&self) -> Option<(Stage, usize)> {
        self.script.next_pass()
    }

    /// Encodes and submits everything that is left, for callers without an encoder of their own.
    pub fn submit(&mut self) {
        let gpu = self.passes.gpu();
        let (device, queue) = (gpu.device.clone(), gpu.queue.clone());
        let mut encoder = device.create_command_encoder(&Default::default());
        self.encode(&mut encoder, usize::MAX);
        queue.submit([encoder.finish()]);
    }

    /// Forgets what has not been encoded: a new beginning needs nothing of it.
    pub fn clear(&mut self) {
        self.script.take(usize::MAX);
    }

    /// Passes that wait to be encoded.
    pub fn pending(&self) -> usize {
        self.script.len()
    }

    /// What draws the picture.
    pub fn presenter(&self) -> Presenter {
        self.passes.presenter()
    }

    /// What brings these buffers to the processor, as often as it is asked to.
    pub fn readback(&self, buffers: &[BufferId]) -> Readback {
        let Gpu { plan, device, .. } = self.passes.gpu();
        let stride = |row| self.passes.stride(row);
        Readback::new(device, plan, buffers, self.passes.precision(), stride)
    }

    /// Encodes the copy that `readback` fetches once it has been submitted.
    pub fn copy(&self, encoder: &mut wgpu::CommandEncoder, readback: &Readback) {
        for (buffer, staging) in readback.parts() {
            self.passes.copy(encoder, buffer, staging);
        }
    }
}

impl Lowering for GpuLowering {
    fn write(&mut self, buffer: BufferId, first_row: usize, values: &[f32]) {
        // Writes come before everything in the next submission. A new frame's noise, or a new
        // picture, must not come before the passes of the last frame.
        let state = &self.passes.gpu().plan.state;
        if (buffer == state.drawn || buffer == state.pixels) && self.pending() > 0 {
            self.submit();
        }
        self.passes.write(buffer, first_row, values);
    }

    fn run(&mut self, stage: Stage, input: &StepInput) {
        let Gpu { plan, queue, .. } = self.passes.gpu();
        self.script.add(queue, plan, stage, input);
    }
}
