// output = stream + gate * rotate(activation(input * weight + bias + places)); a texel is four
// columns of a row.

@group(0) @binding(1) var input: texture_2d_array<f32>;
@group(0) @binding(2) var weight: texture_2d<f32>;
@group(0) @binding(3) var constants: texture_2d<f32>;
@group(0) @binding(4) var modulation: texture_2d_array<f32>;
@group(0) @binding(5) var rope: texture_2d_array<f32>;
@group(0) @binding(6) var stream: texture_2d_array<f32>;

// As in compute/linear.wgsl.
override TOKENS: u32;
override INPUTS4: u32;
override OUTPUTS4: u32;
override BIAS: bool = false;
override PLACES: bool = false;
override ACTIVATION: u32 = 0;
override ROTATED4: u32 = 0;
override HEAD4: u32 = 1;
// Whether positions are those of places, else those of frames.
override ROPE: bool = false;
override ADD: bool = false;
override GATED: bool = false;
override SLOTS: u32 = 0;

// What a product becomes.
fn finish(product: vec4<f32>, column4: u32, row: u32) -> vec4<f32> {
    let frame = row / TOKENS;
    let place = row % TOKENS;
    // The frame's row among those of all steps.
    let vectors = 2u * step.step + frame;
    var x = product;
    if BIAS {
        x += constant(offsets.bias + column4);
    }
    if PLACES {
        x += constant(offsets.places + place * OUTPUTS4 + column4);
    }
    if ACTIVATION == 1u {
        x = gelu_erf(x);
    } else if ACTIVATION == 2u {
        x = gelu_tanh(x);
    }
    if column4 < ROTATED4 {
        let pair4 = column4 % HEAD4;
        if ROPE {
            x = rotate(x, constant(offsets.rope + place * HEAD4 + pair4));
        } else {
            x = rotate(x, textureLoad(rope, texel(pair4, vectors), layer(vectors), 0));
        }
    }
    if GATED {
        x *= textureLoad(modulation, texel(offsets.gate + column4, vectors), layer(vectors), 0)
            + constant(offsets.gate_offset + column4);
    }
    if ADD {
        x += textureLoad(stream, texel(column4, row), layer(row), 0);
    }
    return x;
}

@fragment
fn main(@builtin(position) position: vec4<f32>) -> Rows {
    let column4 = u32(position.x);
    var row = u32(position.y) * LAYERS;
    if SLOTS > 0u {
        let frame = select(0u, 1u, row / TOKENS == step.slot);
        row = frame * TOKENS + row % TOKENS;
    }

    var a = vec4(0.0);
    var b = vec4(0.0);
    var c = vec4(0.0);
    var d = vec4(0.0);
    for (var k4 = 0u; k4 < INPUTS4; k4++) {
        let k = 4u * k4;
        let weights = mat4x4(
            textureLoad(weight, vec2(column4, k), 0),
            textureLoad(weight, vec2(column4, k + 1u), 0),
            textureLoad(weight, vec2(column4, k + 2u), 0),
            textureLoad(weight, vec2(column4, k + 3u), 0),
        );
        a += weights * textureLoad(input, texel(k4, row), layer(row), 0);
        if LAYERS > 1u {
            b += weights * textureLoad(input, texel(k4, row + 1u), layer(row + 1u), 0);
        }
        if LAYERS > 2u {
            c += weights * textureLoad(input, texel(k4, row + 2u), layer(row + 2u), 0);
            d += weights * textureLoad(input, texel(k4, row + 3u), layer(row + 3u), 0);
        }
    }

    var out: Rows;
    out.a = finish(a, column4, row);
    if LAYERS > 1u {
        out.b = finish(b, column4, row + 1u);
    }
    if LAYERS > 2u {
        out.c = finish(c, column4, row + 2u);
        out.d = finish(d, column4, row + 3u);
    }
    return out;
}
