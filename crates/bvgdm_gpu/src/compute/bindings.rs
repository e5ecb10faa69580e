//! What each kind of pass binds, in the order of its shader's bindings from 1 on: buffers that are
//! read, and last the one that is written. Binding 0 is the step's input.

use bvgdm_plan::{PassKind, Target};

use super::ComputeWorld;
use crate::offsets::Offsets;
use crate::script::Script;

/// Bind group layouts by the number of buffers that are read.
pub(super) struct Layouts(Vec<wgpu::BindGroupLayout>);

impl Layouts {
    pub fn new(device: &wgpu::Device) -> Self {
        let layout = |reads: usize| {
            let storage = |binding: usize, read_only: bool| wgpu::BindGroupLayoutEntry {
                binding: binding as u32,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            };
            let input = wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: true,
                    min_binding_size: wgpu::BufferSize::new(Script::input_size()),
                },
                count: None,
            };
            let mut entries = vec![input, Offsets::layout(wgpu::ShaderStages::COMPUTE)];
            entries.extend((1..=reads).map(|binding| storage(binding, true)));
            entries.push(storage(reads + 1, false));
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some("bvgdm pass"),
                entries: &entries,
            })
        };
        Self((0..=6).map(layout).collect())
    }

    pub fn of(&self, pass: &PassKind) -> &wgpu::BindGroupLayout {
        &self.0[match pass {
            PassKind::Linear(_) => 6,
            PassKind::Combine(_) | PassKind::Assemble(_) => 4,
            PassKind::Spatial(_) | PassKind::Temporal(_) => 1,
        }]
    }
}

/// The bind group of a pass.
pub(super) fn bind(
    world: &ComputeWorld,
    buffers: &[wgpu::Buffer],
    inputs: &wgpu::Buffer,
    offsets: wgpu::BindGroupEntry<'_>,
    pass: &PassKind,
) -> wgpu::BindGroup {
    let rope = &buffers[world.gpu.plan.state.rope.0];
    let (nothing, constants) = (&world.nothing, &world.constants);
    let (reads, write): (Vec<&wgpu::Buffer>, _) = match pass {
        PassKind::Assemble(pass) => {
            let [a, b] = pass.latents.map(|id| &buffers[id.0]);
            let [c, d] = match pass.previous {
                Some(previous) => previous.map(|id| &buffers[id.0]),
                None => [nothing; 2],
            };
            (vec![a, b, c, d], pass.output)
        }
        PassKind::Linear(pass) => {
            let weight = world.weights[pass.weight.0].as_ref().unwrap_or(nothing);
            let stream = pass
                .add
                .as_ref()
                .map_or(nothing, |add| &buffers[add.stream.0]);
            let modulation = pass.modulation().map_or(nothing, |id| &buffers[id.0]);
            let input = pass.norm.as_ref().map_or(pass.input, |norm| norm.input);
            let reads = vec![
                &buffers[input.0],
                weight,
                constants,
                modulation,
                rope,
                stream,
            ];
            let (Target::Rows(output) | Target::Ring(output)) = pass.output;
            (reads, output)
        }
        PassKind::Spatial(pass) => (vec![&buffers[pass.qkv.0]], pass.output),
        PassKind::Temporal(pass) => (vec![&buffers[pass.ring.0]], pass.output),
        PassKind::Combine(pass) => {
            let mut reads = vec![nothing; 4];
            for (slot, term) in reads.iter_mut().zip(&pass.terms) {
                *slot = &buffers[term.buffer.0];
            }
            (reads, pass.output)
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
    let storage = reads.iter().copied().chain([&buffers[write.0]]);
    let storage = storage
        .zip(1..)
        .map(|(buffer, binding)| wgpu::BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        });
    world
        .gpu
        .device
        .create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("bvgdm pass"),
            layout: world.pipelines.layouts.of(pass),
            entries: &[input, offsets]
                .into_iter()
                .chain(storage)
                .collect::<Vec<_>>(),
        })
}
