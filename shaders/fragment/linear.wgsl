// output = stream + gate * rotate(activation(input * weight + bias + places)); a texel is four
// columns of a row.

@group(0) @binding(1) var input: texture_2d<f32>;
@group(0) @binding(2) var weight: texture_2d<f32>;
@group(0) @binding(3) var constants: texture_2d<f32>;
@group(0) @binding(4) var modulation: texture_2d<f32>;
@group(0) @binding(5) var rope: texture_2d<f32>;
@group(0) @binding(6) var stream: texture_2d<f32>;

// As in compute/linear.wgsl.
override FIRST_ROW: u32;
override ROWS: u32;
override TOKENS: u32;
override INPUTS4: u32;
override OUTPUTS4: u32;
override INPUT_BY_STEP: bool = false;
override HALF: bool = true;
override BIAS: bool = false;
override PLACES: bool = false;
override ACTIVATION: u32 = 0;
override ROTATED4: u32 = 0;
override HEAD4: u32 = 1;
// Whether positions are those of places, else those of frames.
override ROPE: bool = false;
override ADD: bool = false;
override GATED: bool = false;
override MODULATION4: u32 = 0;
override SLOTS: u32 = 0;

@fragment
fn main(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let column4 = at.x;
    let place = at.y % TOKENS;
    var frame = at.y / TOKENS;
    if SLOTS > 0u {
        frame = select(0u, 1u, frame == step.slot);
    }
    let row = frame * TOKENS + place;
    let input_row = row + select(0u, 2u * step.step, INPUT_BY_STEP);

    var x = vec4(0.0);
    for (var k4 = 0u; k4 < INPUTS4; k4++) {
        let a = textureLoad(input, vec2(k4, input_row), 0);
        let k = 4u * k4;
        x += a.x * textureLoad(weight, vec2(column4, k), 0);
        x += a.y * textureLoad(weight, vec2(column4, k + 1u), 0);
        x += a.z * textureLoad(weight, vec2(column4, k + 2u), 0);
        x += a.w * textureLoad(weight, vec2(column4, k + 3u), 0);
    }
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
            x = rotate(x, textureLoad(rope, vec2(pair4, 2u * step.step + frame), 0));
        }
    }
    if GATED {
        x *= textureLoad(modulation, vec2(offsets.gate + column4, frame), 0) + constant(offsets.gate_offset + column4);
    }
    if ADD {
        x += textureLoad(stream, vec2(column4, row), 0);
    }
    return x;
}
