// Where a pass finds its vectors among the constants and the modulation, in vectors of four numbers:
// here and not among the sizes, so that passes of the same shape share a pipeline.
struct Offsets {
    bias: u32,
    places: u32,
    rope: u32,
    gate: u32,
    gate_offset: u32,
    scale: u32,
    scale_offset: u32,
    shift: u32,
    shift_offset: u32,
    unused: vec3<u32>,
}

@group(0) @binding(15) var<uniform> offsets: Offsets;
