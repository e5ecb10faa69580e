//! From the last pass's patches to the texture that a scene shows.

use bvgdm_plan::Image;

use crate::shaders::{COMPUTE_PRESENT, FRAGMENT_PRESENT};

/// Draws a roll-out's picture into textures of the world's format
/// ([`Tuning::picture`](crate::Tuning::picture)).
pub struct Presenter {
    pipeline: wgpu::RenderPipeline,
    group: wgpu::BindGroup,
}

/// The pipeline that draws the pictures of all roll-outs of a world.
pub(crate) struct Present {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

/// Where pixels lie.
pub(crate) enum Pixels {
    Buffer,
    /// In a texture of so many layers.
    Layers(usize),
}

/// Of the pixels, as the shaders have it.
const BINDING: u32 = 1;

impl Present {
    pub fn new(
        device: &wgpu::Device,
        image: &Image,
        pixels: Pixels,
        format: wgpu::TextureFormat,
    ) -> Self {
        let (shader, ty) = match pixels {
            Pixels::Buffer => (
                COMPUTE_PRESENT,
                wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only: true },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
            ),
            Pixels::Layers(_) => (
                FRAGMENT_PRESENT,
                texture_binding(wgpu::TextureViewDimension::D2Array),
            ),
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(shader.path),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: BINDING,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty,
                count: None,
            }],
        });
        let module = shader.module(device);
        let mut spec = vec![
            ("WIDTH", image.width as f64),
            ("PATCH", image.patch as f64),
            ("GROUP", image.group as f64),
        ];
        if let Pixels::Layers(layers) = pixels {
            spec.push(("LAYERS", layers as f64));
        }
        let pipeline = triangle_pipeline(device, &module, "present", &layout, &spec, &[format]);
        Self { pipeline, layout }
    }

    /// What draws these pixels.
    pub fn of(&self, device: &wgpu::Device, pixels: wgpu::BindingResource<'_>) -> Presenter {
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("bvgdm present"),
            layout: &self.layout,
            entries: &[wgpu::BindGroupEntry {
                binding: BINDING,
                resource: pixels,
            }],
        });
        Presenter {
            pipeline: self.pipeline.clone(),
            group,
        }
    }
}

impl Presenter {
    /// Draws over the whole of `target`, which is of the world's size.
    pub fn encode(&self, encoder: &mut wgpu::CommandEncoder, target: &wgpu::TextureView) {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("bvgdm present"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        pass.draw(0..3, 0..1);
    }
}

/// A texture that is read texel by texel.
pub(crate) fn texture_binding(view_dimension: wgpu::TextureViewDimension) -> wgpu::BindingType {
    wgpu::BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable: false },
        view_dimension,
        multisampled: false,
    }
}

/// A pipeline that covers its targets with one triangle.
pub(crate) fn triangle_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    entry: &str,
    layout: &wgpu::BindGroupLayout,
    spec: &[(&str, f64)],
    formats: &[wgpu::TextureFormat],
) -> wgpu::RenderPipeline {
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(entry),
        bind_group_layouts: &[Some(layout)],
        immediate_size: 0,
    });
    let compilation_options = wgpu::PipelineCompilationOptions {
        constants: spec,
        ..Default::default()
    };
    let targets = formats.iter().map(|&format| {
        Some(wgpu::ColorTargetState {
            format,
            blend: None,
            write_mask: wgpu::ColorWrites::ALL,
        })
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(entry),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some("triangle"),
            compilation_options: compilation_options.clone(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(entry),
            compilation_options,
            targets: &targets.collect::<Vec<_>>(),
        }),
        multiview_mask: None,
        cache: None,
    })
}
