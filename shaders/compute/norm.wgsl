// (x - mean) / sqrt(var + 1e-6) * scale + shift over each row; a workgroup a row.

@group(0) @binding(1) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> constants: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> modulation: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> output: array<vec4<f32>>;

override FIRST_ROW: u32;
override TOKENS: u32;
override COLUMNS4: u32;
override MODULATED: bool = false;
override MODULATION4: u32 = 0;

const THREADS = 32u;

var<workgroup> sums: array<f32, 32>;

fn total(value: f32, thread: u32) -> f32 {
    sums[thread] = value;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < THREADS; i++) {
        sum += sums[i];
    }
    workgroupBarrier();
    return sum;
}

@compute @workgroup_size(32)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = FIRST_ROW + group.x;
    let first = row * COLUMNS4;
    var sum = 0.0;
    for (var i = thread; i < COLUMNS4; i += THREADS) {
        sum += dot(input[first + i], vec4(1.0));
    }
    let mean = total(sum, thread) / (4.0 * f32(COLUMNS4));
    var squares = 0.0;
    for (var i = thread; i < COLUMNS4; i += THREADS) {
        let centred = input[first + i] - mean;
        squares += dot(centred, centred);
    }
    let inverse = inverseSqrt(total(squares, thread) / (4.0 * f32(COLUMNS4)) + 1e-6);
    let frame = row / TOKENS;
    for (var i = thread; i < COLUMNS4; i += THREADS) {
        var x = (input[first + i] - mean) * inverse;
        if MODULATED {
            let vectors = frame * MODULATION4 + i;
            let scale = modulation[vectors + offsets.scale] + constants[offsets.scale_offset + i];
            let shift = modulation[vectors + offsets.shift] + constants[offsets.shift_offset + i];
            x = x * scale + shift;
        }
        output[first + i] = x;
    }
}
