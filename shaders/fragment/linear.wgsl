// output = stream + gate * rotate(activation(norm(input) * weight + bias + places)), as in
// compute/linear.wgsl; a texel is four columns of a row.

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
override NORMED: bool = false;
override MODULATED: bool = false;
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
// Rows of weights, and slots of the ring, below each other; those that follow stand to the right. 0: all.
override WEIGHT_FOLD: u32 = 0;
override RING_FOLD: u32 = 0;

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

// Where rows k to k + 3 of the weights begin.
fn weight_at(column4: u32, k: u32) -> vec2<u32> {
    if WEIGHT_FOLD == 0u {
        return vec2(column4, k);
    }
    // Tint refuses a division by zero even where it is never done.
    let fold = max(WEIGHT_FOLD, 1u);
    return vec2(column4 + k / fold * OUTPUTS4, k % fold);
}

// A row's product so far. Mean and deviation are not known before the row has been read, so what is
// summed up is x - pivot for a number near the mean, and they are brought in at the end.
struct Sum {
    product: vec4<f32>,
    pivot: f32,
    total: f32,
    squares: f32,
}

fn begin(row: u32) -> Sum {
    var sum: Sum;
    if NORMED {
        sum.pivot = textureLoad(input, texel(0u, row), layer(row), 0).x;
    }
    return sum;
}

fn added(sum: Sum, weights: mat4x4<f32>, scale: vec4<f32>, k4: u32, row: u32) -> Sum {
    var x = textureLoad(input, texel(k4, row), layer(row), 0);
    var next = sum;
    if NORMED {
        x -= sum.pivot;
        next.total += dot(x, vec4(1.0));
        next.squares += dot(x, x);
        x *= scale;
    }
    next.product += weights * x;
    return next;
}

// norm(x) = (x - mean) / sqrt(var + 1e-6) * scale + shift, times the weights.
fn normed(sum: Sum, scaled: vec4<f32>, shifted: vec4<f32>) -> vec4<f32> {
    if !NORMED {
        return sum.product;
    }
    let count = 4.0 * f32(INPUTS4);
    let mean = sum.total / count;
    let variance = max(sum.squares / count - mean * mean, 0.0);
    return (sum.product - mean * scaled) * inverseSqrt(variance + 1e-6) + shifted;
}

@fragment
fn main(@builtin(position) position: vec4<f32>) -> Rows {
    var column4 = u32(position.x);
    var row = u32(position.y) * LAYERS;
    if SLOTS > 0u {
        let slot = row / TOKENS + column4 / OUTPUTS4 * RING_FOLD;
        column4 %= OUTPUTS4;
        let frame = select(0u, 1u, slot == step.slot);
        row = frame * TOKENS + row % TOKENS;
    }

    var a = begin(row);
    var b: Sum;
    var c: Sum;
    var d: Sum;
    if LAYERS > 1u {
        b = begin(row + 1u);
    }
    if LAYERS > 2u {
        c = begin(row + 2u);
        d = begin(row + 3u);
    }
    // What the norm's scale and shift become, the same for all rows of a frame.
    var scaled = vec4(0.0);
    var shifted = vec4(0.0);
    for (var k4 = 0u; k4 < INPUTS4; k4++) {
        let at = weight_at(column4, 4u * k4);
        let weights = mat4x4(
            textureLoad(weight, at, 0),
            textureLoad(weight, at + vec2(0u, 1u), 0),
            textureLoad(weight, at + vec2(0u, 2u), 0),
            textureLoad(weight, at + vec2(0u, 3u), 0),
        );
        var scale = vec4(1.0);
        if MODULATED {
            let vectors = 2u * step.step + row / TOKENS;
            scale = textureLoad(modulation, texel(offsets.scale + k4, vectors), layer(vectors), 0)
                + constant(offsets.scale_offset + k4);
            shifted += weights
                * (textureLoad(modulation, texel(offsets.shift + k4, vectors), layer(vectors), 0)
                    + constant(offsets.shift_offset + k4));
        }
        if NORMED {
            scaled += weights * scale;
        }
        a = added(a, weights, scale, k4, row);
        if LAYERS > 1u {
            b = added(b, weights, scale, k4, row + 1u);
        }
        if LAYERS > 2u {
            c = added(c, weights, scale, k4, row + 2u);
            d = added(d, weights, scale, k4, row + 3u);
        }
    }

    var out: Rows;
    out.a = finish(normed(a, scaled, shifted), column4, row);
    if LAYERS > 1u {
        out.b = finish(normed(b, scaled, shifted), column4, row + 1u);
    }
    if LAYERS > 2u {
        out.c = finish(normed(c, scaled, shifted), column4, row + 2u);
        out.d = finish(normed(d, scaled, shifted), column4, row + 3u);
    }
    return out;
}
