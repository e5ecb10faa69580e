//! Where each pass finds its vectors: a small uniform for every pass of a plan.

use bvgdm_plan::{Modulation, PassKind, Plan, Stage};

use crate::constants::Constants;

/// The uniform's binding in every pass.
pub(crate) const BINDING: u32 = 15;
/// Bytes from one pass's uniform to the next; every device aligns to this or less.
const STRIDE: u64 = 256;

/// As the shaders have it, in vectors of four numbers.
#[repr(C)]
#[derive(Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable)]
struct Raw {
    bias: u32,
    places: u32,
    rope: u32,
    gate: u32,
    gate_offset: u32,
    scale: u32,
    scale_offset: u32,
    shift: u32,
    shift_offset: u32,
    /// A vector of three is aligned like one of four.
    unused: [u32; 7],
}

/// The uniforms of all passes.
pub(crate) struct Offsets {
    buffer: wgpu::Buffer,
    /// Passes before each stage.
    before: [usize; 5],
}

impl Offsets {
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        plan: &Plan,
        constants: &Constants,
    ) -> Self {
        let mut bytes = Vec::new();
        let before = Stage::ALL.map(|stage| {
            let before = bytes.len() / STRIDE as usize;
            for pass in plan.passes(stage) {
                bytes.extend_from_slice(bytemuck::bytes_of(&raw(&pass.kind, constants)));
                bytes.resize(bytes.len().next_multiple_of(STRIDE as usize), 0);
            }
            before
        });
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("bvgdm offsets"),
            size: bytes.len() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        queue.write_buffer(&buffer, 0, &bytes);
        Self { buffer, before }
    }

    /// The layout entry of every pass.
    pub fn layout(visibility: wgpu::ShaderStages) -> wgpu::BindGroupLayoutEntry {
        wgpu::BindGroupLayoutEntry {
            binding: BINDING,
            visibility,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: wgpu::BufferSize::new(size_of::<Raw>() as u64),
            },
            count: None,
        }
    }

    /// The entry of one pass.
    pub fn entry(&self, stage: Stage, pass: usize) -> wgpu::BindGroupEntry<'_> {
        wgpu::BindGroupEntry {
            binding: BINDING,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &self.buffer,
                offset: (self.before[stage as usize] + pass) as u64 * STRIDE,
                size: wgpu::BufferSize::new(size_of::<Raw>() as u64),
            }),
        }
    }
}

fn raw(pass: &PassKind, constants: &Constants) -> Raw {
    let table = |table: Option<_>| table.map_or(0, |table| constants.offset4(table) as u32);
    let vectors = |part: Modulation| {
        let fixed = constants.offset4(part.offset) + part.offset_column / 4;
        [(part.column / 4) as u32, fixed as u32]
    };
    let mut raw = Raw::default();
    if let PassKind::Linear(pass) = pass {
        raw.bias = table(pass.bias);
        raw.places = table(pass.places);
        raw.rope = table(pass.rotation.as_ref().and_then(|rotation| rotation.places));
        if let Some(gate) = pass.add.as_ref().and_then(|add| add.gate) {
            [raw.gate, raw.gate_offset] = vectors(gate);
        }
        if let Some([scale, shift]) = pass.norm.as_ref().and_then(|norm| norm.affine) {
            [raw.scale, raw.scale_offset] = vectors(scale);
            [raw.shift, raw.shift_offset] = vectors(shift);
        }
    }
    raw
}
