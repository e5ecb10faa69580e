//! Pipelines, one for each different set of constants.

use std::collections::HashMap;

use bvgdm_plan::{PassKind, Plan, Stage};

use super::bindings::Layouts;
use crate::constants::Precision;
use crate::shaders::{COMPUTE_ATTENTION, COMPUTE_COMBINE, COMPUTE_LINEAR, Shader};
use crate::spec::{Spec, Specialiser};

/// A pass's pipeline and how many workgroups run it.
pub(super) struct Program {
    pipeline: usize,
    pub groups: [u32; 3],
}

/// All pipelines of a world.
pub(super) struct Pipelines {
    pub layouts: Layouts,
    pipelines: Vec<wgpu::ComputePipeline>,
    known: HashMap<String, usize>,
    modules: HashMap<Shader, wgpu::ShaderModule>,
    /// Whether threads share what they read.
    share: bool,
}

impl Pipelines {
    pub fn new(device: &wgpu::Device, share: bool) -> Self {
        Self {
            share,
            layouts: Layouts::new(device),
            pipelines: Vec::new(),
            known: HashMap::new(),
            modules: HashMap::new(),
        }
    }

    pub fn count(&self) -> usize {
        self.pipelines.len()
    }

    pub fn get(&self, program: &Program) -> &wgpu::ComputePipeline {
        &self.pipelines[program.pipeline]
    }

    /// The program of each stage and pass.
    pub fn programs(
        &mut self,
        device: &wgpu::Device,
        plan: &Plan,
        precision: Precision,
    ) -> [Vec<Program>; 5] {
        let specialiser = Specialiser { plan, precision };
        Stage::ALL.map(|stage| {
            let passes = plan.passes(stage).iter();
            passes
                .map(|pass| Program {
                    pipeline: self.pipeline(device, &pass.kind, &specialiser.compute(&pass.kind)),
                    groups: groups(&pass.kind, plan, self.share),
                })
                .collect()
        })
    }

    fn pipeline(&mut self, device: &wgpu::Device, pass: &PassKind, spec: &Spec) -> usize {
        let (shader, entry) = match pass {
            PassKind::Linear(_) if self.share => (COMPUTE_LINEAR, "tiled"),
            PassKind::Linear(_) => (COMPUTE_LINEAR, "direct"),
            PassKind::Spatial(_) | PassKind::Temporal(_) if self.share => {
                (COMPUTE_ATTENTION, "together")
            }
            PassKind::Spatial(_) | PassKind::Temporal(_) => (COMPUTE_ATTENTION, "alone"),
            PassKind::Combine(_) => (COMPUTE_COMBINE, "combine"),
            PassKind::Assemble(_) => (COMPUTE_COMBINE, "assemble"),
        };
        let key = format!("{} {entry} {spec:?}", shader.path);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let module = self
            .modules
            .entry(shader)
            .or_insert_with(|| shader.module(device));
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(shader.path),
            bind_group_layouts: &[Some(self.layouts.of(pass))],
            immediate_size: 0,
        });
        self.pipelines.push(
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(shader.path),
                layout: Some(&layout),
                module,
                entry_point: Some(entry),
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants: spec,
                    // Every tile is written before it is read.
                    zero_initialize_workgroup_memory: false,
                },
                cache: None,
            }),
        );
        let index = self.pipelines.len() - 1;
        self.known.insert(key, index);
        index
    }
}

/// Workgroups, as the shaders cut up their work; `share` as in [`Pipelines`].
pub(super) fn groups(pass: &PassKind, plan: &Plan, share: bool) -> [u32; 3] {
    let tiles = |count: usize, tile: usize| count.div_ceil(tile) as u32;
    let attention = |rows: usize, heads: usize, tokens: usize| match share {
        true => [tiles(rows * heads, 4), 1, 1],
        false => [heads as u32, tiles(tokens, 64), tiles(rows, tokens)],
    };
    match pass {
        PassKind::Assemble(pass) => {
            let columns = plan.buffer(pass.output).columns / 4;
            [tiles(pass.rows.len() * columns, 64), 1, 1]
        }
        PassKind::Linear(pass) => match share {
            true => [tiles(pass.outputs, 64), tiles(pass.rows.len(), 16), 1],
            false => [tiles(pass.outputs, 32), tiles(pass.rows.len(), 64), 1],
        },
        PassKind::Spatial(pass) => attention(pass.rows.len(), pass.heads, pass.tokens),
        PassKind::Temporal(pass) => attention(pass.rows.len(), pass.heads, pass.tokens),
        PassKind::Combine(pass) => [tiles(pass.count / 4, 64), 1, 1],
    }
}
