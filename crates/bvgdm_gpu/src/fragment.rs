//! The lowering to fragment shaders, for devices without compute: every buffer is a texture of four
//! numbers a texel, every pass one triangle over the rows that it writes.

mod draws;
mod textures;

use std::sync::Arc;

use bvgdm_plan::{BufferId, Lowering, Plan, Stage, StepInput};

use crate::constants::{Constants, Precision};
use crate::error::{Result, at_most};
use crate::offsets::Offsets;
use crate::present::{Pixels, Presenter};
use crate::script::Script;
use draws::{Area, Draw, Draws, Surface};
use textures::Texture;

/// A plan on a device: weights and pipelines, shared by all roll-outs.
pub struct FragmentWorld {
    plan: Arc<Plan>,
    device: wgpu::Device,
    queue: wgpu::Queue,
    draws: Draws,
    weights: Vec<Option<Texture>>,
    constants: Texture,
    offsets: Offsets,
    nothing: Texture,
}

/// The textures of one roll-out, and what is still to be run on them.
pub struct FragmentLowering {
    world: Arc<FragmentWorld>,
    buffers: Vec<Texture>,
    scores: Vec<Texture>,
    groups: [Vec<Vec<wgpu::BindGroup>>; 5],
    script: Script,
}

/// The one format that passes write.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba32Float;

impl FragmentWorld {
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
        let side = u64::from(device.limits().max_texture_dimension_2d);
        for table in plan.tables.iter().filter(|table| table.weight) {
            let longest = table.rows.max(table.columns / 4) as u64;
            at_most(format!("texels a side of {}", table.name), longest, side)?;
        }
        for buffer in &plan.buffers {
            let longest = buffer.rows.max(buffer.columns / 4) as u64;
            at_most(format!("texels a side of {}", buffer.name), longest, side)?;
        }
        let constants = Constants::of(&plan);
        let lines = constants
            .values
            .len()
            .div_ceil(4 * textures::CONSTANTS_WIDTH) as u64;
        at_most("texels a side of the constants", lines, side)?;

        let weights = plan.tables.iter().map(|table| {
            let stored = table.weight.then(|| precision.store(table)).transpose()?;
            Ok(stored.map(|bytes| Texture::of_weights(device, queue, table, precision, &bytes)))
        });
        let weights = weights.collect::<Result<_>>()?;
        Ok(Self {
            draws: Draws::new(device, &plan, precision),
            offsets: Offsets::new(device, queue, &plan, &constants),
            weights,
            constants: Texture::of_constants(device, queue, &constants.values),
            nothing: Texture::new(device, "bvgdm nothing", 1, 1),
            device: device.clone(),
            queue: queue.clone(),
            plan,
        })
    }

    /// What it is made of.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Different pipelines.
    pub fn pipeline_count(&self) -> usize {
        self.draws.pipeline_count()
    }
}

impl FragmentLowering {
    /// Zeroed textures for a roll-out.
    pub fn new(world: Arc<FragmentWorld>) -> Self {
        let buffers: Vec<_> = world
            .plan
            .buffers
            .iter()
            .map(|b| Texture::new(&world.device, &b.name, b.columns / 4, b.rows))
            .collect();
        let scores: Vec<_> = world
            .draws
            .scores
            .iter()
            .map(|[width, height]| Texture::new(&world.device, "bvgdm scores", *width, *height))
            .collect();
        let script = Script::new(&world.device);
        let groups = Stage::ALL.map(|stage| {
            let passes = world.plan.passes(stage).iter().enumerate();
            passes
                .map(|(i, pass)| {
                    let draws = world.draws.of(stage, i).iter();
                    draws
                        .map(|draw| {
                            let (inputs, offsets) = (&script.inputs, world.offsets.entry(stage, i));
                            draws::bind(
                                &world, &buffers, &scores, inputs, offsets, &pass.kind, draw,
                            )
                        })
                        .collect()
                })
                .collect()
        });
        Self {
            world,
            buffers,
            scores,
            groups,
            script,
        }
    }

    /// Encodes the next passes, `count` at most; how many are left.
    pub fn encode(&mut self, encoder: &mut wgpu::CommandEncoder, count: usize) -> usize {
        for command in self.script.take(count) {
            let draws = self.world.draws.of(command.stage, command.pass);
            let groups = &self.groups[command.stage as usize][command.pass];
            for (draw, group) in draws.iter().zip(groups) {
                self.draw(encoder, draw, group, command.offset, command.slot);
            }
        }
        self.script.len()
    }

    fn draw(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        draw: &Draw,
        group: &wgpu::BindGroup,
        offset: u32,
        slot: usize,
    ) {
        let target = match draw.output {
            Surface::Buffer(id) => &self.buffers[id.0],
            Surface::Scores(i) => &self.scores[i],
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("bvgdm"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &target.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Load,
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_pipeline(self.world.draws.pipeline(draw));
        pass.set_bind_group(0, group, &[offset]);
        let width = target.texture.width();
        let mut cover = |first: usize, rows: usize| {
            pass.set_viewport(0.0, first as f32, width as f32, rows as f32, 0.0, 1.0);
            pass.draw(0..3, 0..1);
        };
        match &draw.area {
            Area::Rows(rows) => cover(rows.start, rows.len()),
            Area::Ring {
                frames,
                tokens,
                slots,
            } => {
                for frame in frames.clone() {
                    cover((slot + slots + frame - 1) % slots * tokens, *tokens);
                }
            }
        }
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

    /// A buffer of the plan, as a texture of `columns / 4` by `rows` texels.
    pub fn texture(&self, id: BufferId) -> &wgpu::Texture {
        &self.buffers[id.0].texture
    }

    /// What draws the picture into textures of this format.
    pub fn presenter(&self, format: wgpu::TextureFormat) -> Presenter {
        let (world, plan) = (&self.world, &self.world.plan);
        let pixels = Pixels::Texture(&self.buffers[plan.state.pixels.0].view);
        Presenter::new(&world.device, &plan.image, &pixels, format)
    }

    /// The world that is played.
    pub fn world(&self) -> &Arc<FragmentWorld> {
        &self.world
    }
}

impl Lowering for FragmentLowering {
    fn write(&mut self, buffer: BufferId, first_row: usize, values: &[f32]) {
        // See the lowering to compute: a new frame's noise waits for the last frame's passes.
        let state = &self.world.plan.state;
        if (buffer == state.drawn || buffer == state.pixels) && self.pending() > 0 {
            self.submit();
        }
        self.buffers[buffer.0].write(&self.world.queue, first_row, bytemuck::cast_slice(values));
    }

    fn run(&mut self, stage: Stage, input: &StepInput) {
        let world = &self.world;
        self.script.add(&world.queue, &world.plan, stage, input);
    }
}
