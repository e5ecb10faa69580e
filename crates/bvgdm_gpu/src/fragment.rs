//! The lowering to fragment shaders, for devices without compute: every buffer is a texture of four
//! numbers a texel, its rows dealt out to a few layers; every pass one triangle over the rows that it
//! writes, all layers at once.

mod draws;
mod folds;
mod layers;
mod textures;

use std::sync::Arc;

use bvgdm_plan::{BufferId, Plan, Stage};

use crate::constants::{Constants, Precision, Tuning};
use crate::error::{Result, at_most};
use crate::gpu::Gpu;
use crate::lowering::Passes;
use crate::offsets::Offsets;
use crate::present::{Pixels, Present, Presenter};
use crate::script::{Command, Script};
use draws::{Area, Draw, Draws, Surface, scores};
use folds::Folds;
use layers::layers;
use textures::{Layers, Texture};

/// Weights and pipelines, shared by all roll-outs.
pub(crate) struct FragmentWorld {
    pub gpu: Gpu,
    /// Numbers of the textures that passes write.
    written: Precision,
    folds: Folds,
    draws: Draws,
    weights: Vec<Option<Texture>>,
    constants: Texture,
    offsets: Offsets,
    nothing: Texture,
    nothing_written: Layers,
    present: Present,
}

/// The textures of one roll-out.
pub(crate) struct FragmentPasses {
    world: Arc<FragmentWorld>,
    buffers: Vec<Layers>,
    scores: Vec<Layers>,
    groups: [Vec<Vec<wgpu::BindGroup>>; 5],
}

impl FragmentWorld {
    pub fn new(gpu: Gpu, tuning: Tuning) -> Result<Self> {
        let precision = tuning.weights;
        let Gpu {
            plan,
            device,
            queue,
        } = &gpu;
        let constants = Constants::of(plan);
        let limits = device.limits();
        let folds = Folds {
            side: limits.max_texture_dimension_2d as usize,
            layers: layers(plan, &limits, tuning.textures),
        };
        check(plan, &constants, folds, tuning.textures, &limits)?;
        let weights = plan.tables.iter().map(|table| {
            let stored = table.weight.then(|| precision.store(table)).transpose()?;
            let lines = folds.weights(table.rows);
            let texture = |bytes: Vec<u8>| {
                Texture::of_weights(device, queue, table, lines, precision, &bytes)
            };
            Ok(stored.map(texture))
        });
        let weights = weights.collect::<Result<_>>()?;
        Ok(Self {
            draws: Draws::new(device, plan, tuning, folds),
            offsets: Offsets::new(device, queue, plan, &constants),
            weights,
            constants: Texture::of_constants(device, queue, &constants.values),
            nothing: Texture::nothing(device),
            nothing_written: Layers::new(device, "bvgdm nothing", [1, 1], 1, tuning.textures),
            present: Present::new(
                device,
                &plan.image,
                Pixels::Layers(folds.layers),
                tuning.picture,
            ),
            written: tuning.textures,
            folds,
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
        let (layers, written) = (world.folds.layers, world.written);
        let rings = plan.rings();
        let buffers = plan.buffers.iter().enumerate().map(|(i, buffer)| {
            let size @ [width, rows] = [buffer.columns / 4, buffer.rows];
            if rings.contains(&BufferId(i)) {
                let size = [width, rows, world.folds.ring(&plan.config.dit)];
                return Layers::folded(device, &buffer.name, size, layers, written);
            }
            Layers::new(device, &buffer.name, size, layers, written)
        });
        let buffers: Vec<_> = buffers.collect();
        let scores = world.draws.scores.iter();
        let scores: Vec<_> = scores
            .map(|size| Layers::new(device, "bvgdm scores", *size, layers, written))
            .collect();
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
        let attachments = target.targets.iter().map(|view| {
            Some(wgpu::RenderPassColorAttachment {
                view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Load,
                    store: wgpu::StoreOp::Store,
                },
            })
        });
        let of = &self.gpu().plan.passes(command.stage)[command.pass];
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some(&of.label),
            color_attachments: &attachments.collect::<Vec<_>>(),
            ..Default::default()
        });
        pass.set_pipeline(self.world.draws.pipeline(draw));
        pass.set_bind_group(0, group, &[command.offset]);
        let (width, layers) = (target.width, self.world.folds.layers);
        // Rows that are all in one fold.
        let mut cover = |first: usize, rows: usize| {
            let (line, lines) = (first / layers, rows.div_ceil(layers));
            let (x, y) = (line / target.lines * width, line % target.lines);
            pass.set_viewport(x as f32, y as f32, width as f32, lines as f32, 0.0, 1.0);
            pass.draw(0..3, 0..1);
        };
        match &draw.area {
            Area::Rows(rows) => cover(rows.start, rows.len()),
            Area::EveryStep => cover(0, 2 * command.steps),
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

    fn presenter(&self) -> Presenter {
        let Gpu { plan, device, .. } = self.gpu();
        let pixels = &self.buffers[plan.state.pixels.0].view;
        let pixels = wgpu::BindingResource::TextureView(pixels);
        self.world.present.of(device, pixels)
    }

    fn precision(&self) -> Precision {
        self.world.written
    }

    fn stride(&self, row: usize) -> usize {
        stride(row)
    }

    fn copy(&self, encoder: &mut wgpu::CommandEncoder, buffer: BufferId, target: &wgpu::Buffer) {
        let rows = self.gpu().plan.buffer(buffer).rows;
        let row = self.precision().bytes() * self.gpu().plan.buffer(buffer).columns;
        self.buffers[buffer.0].copy(encoder, target, rows, stride(row));
    }
}

/// Bytes from row to row of a copy out of a texture.
fn stride(row: usize) -> usize {
    row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT as usize)
}

/// Compares the plan with the device, before anything is allocated.
fn check(
    plan: &Plan,
    constants: &Constants,
    folds: Folds,
    written: Precision,
    limits: &wgpu::Limits,
) -> Result<()> {
    let texels = |name: &str, lines: usize, columns: usize| {
        let longest = lines.max(columns / 4) as u64;
        at_most(
            format!("texels a side of {name}"),
            longest,
            folds.side as u64,
        )
    };
    let folded = |name: &str, all: usize, lines: usize, columns: usize| {
        texels(name, lines, all.div_ceil(lines) * columns)
    };
    for table in plan.tables.iter().filter(|table| table.weight) {
        let lines = folds.weights(table.rows);
        folded(&table.name, table.rows, lines, table.columns)?;
    }
    let rings = plan.rings();
    for (i, buffer) in plan.buffers.iter().enumerate() {
        let all = buffer.rows.div_ceil(folds.layers);
        let ring = rings
            .contains(&BufferId(i))
            .then(|| folds.ring(&plan.config.dit));
        folded(&buffer.name, all, ring.unwrap_or(all), buffer.columns)?;
    }
    for pass in Stage::ALL.iter().flat_map(|&stage| plan.passes(stage)) {
        let [width, rows] = scores(&pass.kind);
        let name = format!("the scores of {}", pass.label);
        texels(&name, rows.div_ceil(folds.layers), 4 * width)?;
    }
    for buffer in plan.memory().into_iter().map(|id| plan.buffer(id)) {
        let bytes = buffer.rows * stride(written.bytes() * buffer.columns);
        let name = format!("bytes of a copy of {}", buffer.name);
        at_most(name, bytes as u64, limits.max_buffer_size)?;
    }
    let line = 4 * textures::CONSTANTS_WIDTH;
    texels("the constants", constants.values.len().div_ceil(line), line)
}
