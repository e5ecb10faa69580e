// (x - mean) / sqrt(var + 1e-6) * scale + shift over each row; a texel is four columns.

@group(0) @binding(1) var input: texture_2d_array<f32>;
@group(0) @binding(2) var constants: texture_2d<f32>;
@group(0) @binding(3) var modulation: texture_2d_array<f32>;

// As in compute/linear.wgsl, which takes a product's norm in it.
override TOKENS: u32;
override COLUMNS4: u32;
override MODULATED: bool = false;

fn normed(column4: u32, row: u32) -> vec4<f32> {
    var sum = vec4(0.0);
    for (var i = 0u; i < COLUMNS4; i++) {
        sum += textureLoad(input, texel(i, row), layer(row), 0);
    }
    let mean = dot(sum, vec4(1.0)) / (4.0 * f32(COLUMNS4));
    var squares = vec4(0.0);
    for (var i = 0u; i < COLUMNS4; i++) {
        let centred = textureLoad(input, texel(i, row), layer(row), 0) - mean;
        squares += centred * centred;
    }
    let inverse = inverseSqrt(dot(squares, vec4(1.0)) / (4.0 * f32(COLUMNS4)) + 1e-6);
    var x = (textureLoad(input, texel(column4, row), layer(row), 0) - mean) * inverse;
    if MODULATED {
        let vectors = 2u * step.step + row / TOKENS;
        let scale = textureLoad(modulation, texel(offsets.scale + column4, vectors), layer(vectors), 0)
            + constant(offsets.scale_offset + column4);
        let shift = textureLoad(modulation, texel(offsets.shift + column4, vectors), layer(vectors), 0)
            + constant(offsets.shift_offset + column4);
        x = x * scale + shift;
    }
    return x;
}

@fragment
fn main(@builtin(position) position: vec4<f32>) -> Rows {
    let column4 = u32(position.x);
    let row = u32(position.y) * LAYERS;
    var out: Rows;
    out.a = normed(column4, row);
    if LAYERS > 1u {
        out.b = normed(column4, row + 1u);
    }
    if LAYERS > 2u {
        out.c = normed(column4, row + 2u);
        out.d = normed(column4, row + 3u);
    }
    return out;
}
