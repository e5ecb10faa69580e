//! Passes as draws: a pipeline, a target and the rows that are covered.

use std::collections::HashMap;
use std::ops::Range;

use bvgdm_plan::{BufferId, PassKind, Plan, Stage, Target};

use super::FragmentWorld;
use super::folds::Folds;
use super::textures::Layers;
use crate::constants::Tuning;
use crate::offsets::Offsets;
use crate::present::{texture_binding, triangle_pipeline};
use crate::script::Script;
use crate::shaders::{FRAGMENT_ATTENTION, FRAGMENT_COMBINE, FRAGMENT_LINEAR, Shader};
use crate::spec::{Spec, Specialiser};

/// What a draw writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Buffer(BufferId),
    /// Attention's scores, one texture for each size.
    Scores(usize),
}

/// The rows that a draw covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Area {
    Rows(Range<usize>),
    /// Two for each of the frame's steps.
    EveryStep,
    /// The slots of these frames.
    Ring {
        frames: Range<usize>,
        tokens: usize,
        slots: usize,
    },
}

/// One triangle.
pub(super) struct Draw {
    pipeline: usize,
    pub output: Surface,
    pub area: Area,
    reads: Reads,
    /// What attention's second pass reads.
    scores: Option<usize>,
}

/// All draws of a world, and their pipelines.
pub(super) struct Draws {
    draws: [Vec<Vec<Draw>>; 5],
    pipelines: Vec<wgpu::RenderPipeline>,
    layouts: Vec<wgpu::BindGroupLayout>,
    /// Sizes of the textures for scores.
    pub scores: Vec<[usize; 2]>,
}

impl Draws {
    pub fn new(device: &wgpu::Device, plan: &Plan, tuning: Tuning, folds: Folds) -> Self {
        let mut maker = Maker {
            device,
            formats: vec![tuning.textures.format(); folds.layers],
            known: HashMap::new(),
            modules: HashMap::new(),
            pipelines: Vec::new(),
            layouts: Reads::ALL.map(|reads| reads.layout(device)).into(),
            scores: Vec::new(),
        };
        let specialiser = Specialiser {
            plan,
            precision: tuning.weights,
        };
        let draws = Stage::ALL.map(|stage| {
            let passes = plan.passes(stage).iter();
            passes
                .map(|pass| {
                    let mut spec = specialiser.fragment(&pass.kind);
                    spec.extend(folds.spec(&plan.config.dit, &pass.kind));
                    maker.draws(plan, &pass.kind, &spec)
                })
                .collect()
        });
        Self {
            draws,
            pipelines: maker.pipelines,
            layouts: maker.layouts,
            scores: maker.scores,
        }
    }

    pub fn of(&self, stage: Stage, pass: usize) -> &[Draw] {
        &self.draws[stage as usize][pass]
    }

    pub fn pipeline(&self, draw: &Draw) -> &wgpu::RenderPipeline {
        &self.pipelines[draw.pipeline]
    }

    pub fn pipeline_count(&self) -> usize {
        self.pipelines.len()
    }
}

struct Maker<'a> {
    device: &'a wgpu::Device,
    /// One for each layer.
    formats: Vec<wgpu::TextureFormat>,
    known: HashMap<String, usize>,
    modules: HashMap<Shader, wgpu::ShaderModule>,
    pipelines: Vec<wgpu::RenderPipeline>,
    layouts: Vec<wgpu::BindGroupLayout>,
    scores: Vec<[usize; 2]>,
}

impl Maker<'_> {
    fn draws(&mut self, plan: &Plan, pass: &PassKind, spec: &Spec) -> Vec<Draw> {
        let output = pass.output();
        let area = match pass {
            PassKind::Linear(p) => match p.output {
                Target::Rows(_) if p.every_step => Area::EveryStep,
                Target::Rows(_) => Area::Rows(p.rows.clone()),
                Target::Ring(ring) => Area::Ring {
                    frames: p.rows.start / p.tokens..p.rows.end / p.tokens,
                    tokens: p.tokens,
                    slots: plan.buffer(ring).rows / p.tokens,
                },
            },
            PassKind::Assemble(p) => Area::Rows(p.rows.clone()),
            PassKind::Combine(_) => Area::Rows(0..plan.buffer(output).rows),
            PassKind::Spatial(p) => Area::Rows(p.rows.clone()),
            PassKind::Temporal(p) => Area::Rows(p.rows.clone()),
        };
        let (shader, entry) = match pass {
            PassKind::Linear(_) => (FRAGMENT_LINEAR, "main"),
            PassKind::Combine(_) => (FRAGMENT_COMBINE, "combine"),
            PassKind::Assemble(_) => (FRAGMENT_COMBINE, "assemble"),
            PassKind::Spatial(_) | PassKind::Temporal(_) => {
                return self.attention(output, &area, scores(pass), spec);
            }
        };
        vec![Draw {
            pipeline: self.pipeline(shader, entry, Reads::of(pass), spec),
            output: Surface::Buffer(output),
            area,
            reads: Reads::of(pass),
            scores: None,
        }]
    }

    fn attention(
        &mut self,
        output: BufferId,
        area: &Area,
        size: [usize; 2],
        spec: &Spec,
    ) -> Vec<Draw> {
        let known = self.scores.iter().position(|known| *known == size);
        let scores = known.unwrap_or_else(|| {
            self.scores.push(size);
            self.scores.len() - 1
        });
        let mut draw = |entry, output, scores| Draw {
            pipeline: self.pipeline(FRAGMENT_ATTENTION, entry, Reads::Memory, spec),
            output,
            area: area.clone(),
            reads: Reads::Memory,
            scores,
        };
        vec![
            draw("score", Surface::Scores(scores), None),
            draw("mix_values", Surface::Buffer(output), Some(scores)),
        ]
    }

    fn pipeline(&mut self, shader: Shader, entry: &str, reads: Reads, spec: &Spec) -> usize {
        let key = format!("{} {entry} {spec:?}", shader.path);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let device = self.device;
        let module = self
            .modules
            .entry(shader)
            .or_insert_with(|| shader.module(device));
        let layout = &self.layouts[reads as usize];
        let mut spec = spec.clone();
        spec.push(("LAYERS", self.formats.len() as f64));
        let pipeline = triangle_pipeline(device, module, entry, layout, &spec, &self.formats);
        self.pipelines.push(pipeline);
        self.known.insert(key, self.pipelines.len() - 1);
        self.pipelines.len() - 1
    }
}

/// Texels and rows of the scores that attention keeps between its two draws; other passes have none.
pub(super) fn scores(pass: &PassKind) -> [usize; 2] {
    let size =
        |heads: usize, keys: usize, rows: &Range<usize>| [heads * keys.div_ceil(4), rows.end];
    match pass {
        PassKind::Spatial(p) => size(p.heads, p.tokens, &p.rows),
        PassKind::Temporal(p) => size(p.heads, p.window, &p.rows),
        _ => [0, 0],
    }
}

/// What a kind of pass reads.
#[derive(Debug, Clone, Copy)]
enum Reads {
    /// Input, weights, constants, modulation, rotations, residual stream.
    Product,
    /// Queries, keys and values, and scores.
    Memory,
    /// Latents.
    Terms,
}

impl Reads {
    const ALL: [Self; 3] = [Self::Product, Self::Memory, Self::Terms];

    fn of(pass: &PassKind) -> Self {
        match pass {
            PassKind::Linear(_) => Self::Product,
            PassKind::Spatial(_) | PassKind::Temporal(_) => Self::Memory,
            PassKind::Combine(_) | PassKind::Assemble(_) => Self::Terms,
        }
    }

    fn layout(self, device: &wgpu::Device) -> wgpu::BindGroupLayout {
        use wgpu::TextureViewDimension::{D2 as Table, D2Array as Rows};
        let textures: &[_] = match self {
            Self::Product => &[Rows, Table, Table, Rows, Rows, Rows],
            Self::Memory => &[Rows; 2],
            Self::Terms => &[Rows; 4],
        };
        let input = wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: true,
                min_binding_size: wgpu::BufferSize::new(Script::input_size()),
            },
            count: None,
        };
        let textures = (1..).zip(textures);
        let textures = textures.map(|(binding, &dimension)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: texture_binding(dimension),
            count: None,
        });
        device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("bvgdm pass"),
            entries: &[input, Offsets::layout(wgpu::ShaderStages::FRAGMENT)]
                .into_iter()
                .chain(textures)
                .collect::<Vec<_>>(),
        })
    }
}

/// The bind group of a draw.
pub(super) fn bind(
    world: &FragmentWorld,
    buffers: &[Layers],
    scores_of: &[Layers],
    inputs: &wgpu::Buffer,
    offsets: wgpu::BindGroupEntry<'_>,
    pass: &PassKind,
    draw: &Draw,
) -> wgpu::BindGroup {
    let of = |id: BufferId| &buffers[id.0].view;
    let (nothing, constants) = (&world.nothing_written.view, &world.constants.view);
    let scores = draw
        .scores
        .map_or(nothing, |scores| &scores_of[scores].view);
    let reads: Vec<&wgpu::TextureView> = match pass {
        PassKind::Assemble(pass) => {
            let previous = pass.previous.map_or([nothing; 2], |ids| ids.map(of));
            pass.latents.map(of).into_iter().chain(previous).collect()
        }
        PassKind::Linear(pass) => {
            let weight = world.weights[pass.weight.0].as_ref();
            let stream = pass.add.as_ref().map_or(nothing, |add| of(add.stream));
            let input = pass.norm.as_ref().map_or(pass.input, |norm| norm.input);
            vec![
                of(input),
                &weight.unwrap_or(&world.nothing).view,
                constants,
                pass.modulation().map_or(nothing, of),
                of(world.gpu.plan.state.rope),
                stream,
            ]
        }
        PassKind::Spatial(pass) => vec![of(pass.qkv), scores],
        PassKind::Temporal(pass) => vec![of(pass.ring), scores],
        PassKind::Combine(pass) => {
            let terms = pass.terms.iter().map(|term| of(term.buffer));
            terms.chain([nothing; 4]).take(4).collect()
        }
    };
    let input = wgpu::BindGroupEntry {
        binding: 0,
        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: inputs,
            offset: 0,
            size: wgpu::BufferSize::new(Script::input_size()),
        }),
    };
    let reads = reads
        .into_iter()
        .zip(1..)
        .map(|(view, binding)| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(view),
        });
    world
        .gpu
        .device
        .create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("bvgdm pass"),
            layout: &world.draws.layouts[draw.reads as usize],
            entries: &[input, offsets]
                .into_iter()
                .chain(reads)
                .collect::<Vec<_>>(),
        })
}
