//! The lowering to fragment shaders, for devices without compute: every buffer is a texture of four
//! numbers a texel, every pass one triangle over the rows that it writes.

mod draws;
mod textures;

use std::sync::Arc;

use bvgdm_plan::{BufferId, Plan, Stage};

use crate::constants::{Constants, Precision, Storage};
use crate::error::{Result, at_most};
use crate::gpu::Gpu;
use crate::lowering::Passes;
use crate::offsets::Offsets;
use crate::present::{Pixels, Presenter};
use crate::script::{Command, Script};
use draws::{Area, Draw, Draws, Surface};
use textures::Texture;

/// Weights and pipelines, shared by all roll-outs.
pub(crate) struct FragmentWorld {
    pub gpu: Gpu,
    /// Numbers of the textures that passes write.
    written: Precision,
    draws: Draws,
    weights: Vec<Option<Texture>>,
    constants: Texture,
    offsets: Offsets,
    nothing: Texture,
}

/// The textures of one roll-out.
pub(crate) struct FragmentPasses {
    world: Arc<FragmentWorld>,
    buffers: Vec<Texture>,
    scores: Vec<Texture>,
    groups: [Vec<Vec<wgpu::BindGroup>>; 5],
}

impl FragmentWorld {
    pub fn new(gpu: Gpu, storage: Storage) -> Result<Self> {
        let precision = storage.weights;
        let Gpu {
            plan,
            device,
            queue,
        } = &gpu;
        let constants = Constants::of(plan);
        check(plan, &constants, &device.limits())?;
        let weights = plan.tables.iter().map(|table| {
            let stored = table.weight.then(|| precision.store(table)).transpose()?;
            Ok(stored.map(|bytes| Texture::of_weights(device, queue, table, precision, &bytes)))
        });
        let weights = weights.collect::<Result<_>>()?;
        Ok(Self {
            draws: Draws::new(device, plan, storage),
            offsets: Offsets::new(device, queue, plan, &constants),
            weights,
            constants: Texture::of_constants(device, queue, &constants.values),
            nothing: Texture::new(device, "bvgdm nothing", 1, 1, storage.textures),
            written: storage.textures,
            gpu,
        })
    }

    pub fn pipeline_count(&self) -> usize {
        self.draws.pipeline_count()
    }

    pub fn draw_count(&self, stage: Stage) -> usize {
        let passes = 0..self.gpu.plan.passes(stage).len();
        passes.map(|pass| self.draws.of(stage, pass).len()).sum()
    }
}

impl FragmentPasses {
    /// Zeroed textures.
    pub fn new(world: Arc<FragmentWorld>, script: &Script) -> Self {
        let Gpu { plan, device, .. } = &world.gpu;
        let buffers = plan.buffers.iter();
        let texture =
            |name: &str, width, height| Texture::new(device, name, width, height, world.written);
        let buffers = buffers.map(|b| texture(&b.name, b.columns / 4, b.rows));
        let buffers: Vec<_> = buffers.collect();
        let scores = world.draws.scores.iter();
        let scores = scores.map(|size| texture("bvgdm scores", size[0], size[1]));
        let scores: Vec<_> = scores.collect();
        let groups = Stage::ALL.map(|stage| {
            let passes = plan.passes(stage).iter().enumerate();
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
        }
    }

    fn draw(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        draw: &Draw,
        group: &wgpu::BindGroup,
        command: &Command,
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
        pass.set_bind_group(0, group, &[command.offset]);
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
                    cover((command.slot + slots + frame - 1) % slots * tokens, *tokens);
                }
            }
        }
    }
}

impl Passes for FragmentPasses {
    fn gpu(&self) -> &Gpu {
        &self.world.gpu
    }

    fn write(&self, buffer: BufferId, first_row: usize, values: &[f32]) {
        let bytes = self.world.written.bytes_of(values);
        self.buffers[buffer.0].write(&self.gpu().queue, first_row, &bytes);
    }

    fn encode(&self, encoder: &mut wgpu::CommandEncoder, commands: &[Command]) {
        for command in commands {
            let draws = self.world.draws.of(command.stage, command.pass);
            let groups = &self.groups[command.stage as usize][command.pass];
            for (draw, group) in draws.iter().zip(groups) {
                self.draw(encoder, draw, group, command);
            }
        }
    }

    fn presenter(&self, format: wgpu::TextureFormat) -> Presenter {
        let Gpu { plan, device, .. } = self.gpu();
        let pixels = Pixels::Texture(&self.buffers[plan.state.pixels.0].view);
        Presenter::new(device, &plan.image, &pixels, format)
    }

    fn precision(&self) -> Precision {
        self.world.written
    }

    fn stride(&self, row: usize) -> usize {
        row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT as usize)
    }

    fn copy(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffer: BufferId,
        target: &wgpu::Buffer,
        offset: u64,
    ) {
        let source = &self.buffers[buffer.0].texture;
        let row = self.stride(4 * self.precision().bytes() * source.width() as usize);
        encoder.copy_texture_to_buffer(
            source.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: target,
                layout: wgpu::TexelCopyBufferLayout {
                    offset,
                    bytes_per_row: Some(row as u32),
                    rows_per_image: None,
                },
            },
            source.size(),
        );
    }
}

/// Compares the plan with the device, before anything is allocated.
fn check(plan: &Plan, constants: &Constants, limits: &wgpu::Limits) -> Result<()> {
    let side = u64::from(limits.max_texture_dimension_2d);
    let texels = |name: &str, rows: usize, columns: usize| {
        let longest = rows.max(columns / 4) as u64;
        at_most(format!("texels a side of {name}"), longest, side)
    };
    for table in plan.tables.iter().filter(|table| table.weight) {
        texels(&table.name, table.rows, table.columns)?;
    }
    for buffer in &plan.buffers {
        texels(&buffer.name, buffer.rows, buffer.columns)?;
    }
    let line = 4 * textures::CONSTANTS_WIDTH;
    texels("the constants", constants.values.len().div_ceil(line), line)
}
