// (x - mean) / sqrt(var + 1e-6) * scale + shift over each row; a texel is four columns.

@group(0) @binding(1) var input: texture_2d<f32>;
@group(0) @binding(2) var constants: texture_2d<f32>;
@group(0) @binding(3) var modulation: texture_2d<f32>;

// As in compute/norm.wgsl.
override FIRST_ROW: u32;
override TOKENS: u32;
override COLUMNS4: u32;
override MODULATED: bool = false;
override MODULATION4: u32 = 0;

@fragment
fn main(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    var sum = vec4(0.0);
    for (var i = 0u; i < COLUMNS4; i++) {
        sum += textureLoad(input, vec2(i, at.y), 0);
    }
    let mean = dot(sum, vec4(1.0)) / (4.0 * f32(COLUMNS4));
    var squares = vec4(0.0);
    for (var i = 0u; i < COLUMNS4; i++) {
        let centred = textureLoad(input, vec2(i, at.y), 0) - mean;
        squares += centred * centred;
    }
    let inverse = inverseSqrt(dot(squares, vec4(1.0)) / (4.0 * f32(COLUMNS4)) + 1e-6);
    var x = (textureLoad(input, at, 0) - mean) * inverse;
    if MODULATED {
        let frame = at.y / TOKENS;
        let scale = textureLoad(modulation, vec2(offsets.scale + at.x, frame), 0) + constant(offsets.scale_offset + at.x);
        let shift = textureLoad(modulation, vec2(offsets.shift + at.x, frame), 0) + constant(offsets.shift_offset + at.x);
        x = x * scale + shift;
    }
    return x;
}
