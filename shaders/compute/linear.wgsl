// output = stream + gate * rotate(activation(norm(input) * weight + bias + places)), where
// norm(x) = (x - mean) / sqrt(var + 1e-6) * scale + shift over a row, or x
//
// Two ways to the same product. `tiled`: a workgroup makes 16 rows by 64 columns, a thread two rows by
// four columns of half the sum; tiles of the input and of the weights go through workgroup memory, 64
// numbers deep, so that much is read at once and few barriers are waited for. `direct`: a thread makes a
// row of 32 columns by itself, for devices on which workgroup memory is no faster than any other
// (processors).

@group(0) @binding(1) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weight: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> constants: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> modulation: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> rope: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> stream: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> output: array<vec4<f32>>;

// Sizes; those that end in 4 count vectors of four numbers.
override FIRST_ROW: u32;
override ROWS: u32;
override TOKENS: u32;
override INPUTS4: u32;
override OUTPUTS4: u32;
// Whether the rows are two for each of the frame's steps.
override EVERY_STEP: bool = false;
override NORMED: bool = false;
override MODULATED: bool = false;
override HALF: bool = true;
override BIAS: bool = false;
override PLACES: bool = false;
// 0 none, 1 GELU by the error function, 2 GELU by tanh.
override ACTIVATION: u32 = 0;
override ROTATED4: u32 = 0;
override HEAD4: u32 = 1;
// Whether positions are those of places, else those of frames.
override ROPE: bool = false;
override ADD: bool = false;
override GATED: bool = false;
override MODULATION4: u32 = 0;
// Frames of the ring that is written; 0: row r goes to row r.
override SLOTS: u32 = 0;

const ROWS_TILE = 16u;
const COLUMNS4_TILE = 16u;
// Weights stay as they are stored, so that as many halves as singles' bytes fit.
override DEPTH4_TILE: u32 = select(8u, 16u, HALF);

var<workgroup> input_tile: array<vec4<f32>, 256>;
var<workgroup> weight_tile: array<vec2<u32>, 1024>;
var<workgroup> sums: array<f32, 256>;
var<workgroup> statistics: array<vec2<f32>, ROWS_TILE>;

fn weight_at(row: u32, column4: u32) -> vec4<f32> {
    let i = row * OUTPUTS4 + column4;
    if HALF {
        let eight = weight[i / 2u];
        let four = select(eight.xy, eight.zw, i % 2u == 1u);
        return vec4(unpack2x16float(four.x), unpack2x16float(four.y));
    }
    return bitcast<vec4<f32>>(weight[i]);
}

fn row_count() -> u32 {
    if EVERY_STEP {
        return 2u * step.steps;
    }
    return ROWS;
}

fn finish(local_row: u32, column4: u32, product: vec4<f32>) {
    if local_row >= row_count() || column4 >= OUTPUTS4 {
        return;
    }
    let row = FIRST_ROW + local_row;
    let frame = row / TOKENS;
    let place = row % TOKENS;
    // The frame's row among those of all steps.
    let vectors = 2u * step.step + frame;
    var x = product;
    if BIAS {
        x += constants[offsets.bias + column4];
    }
    if PLACES {
        x += constants[offsets.places + place * OUTPUTS4 + column4];
    }
    if ACTIVATION == 1u {
        x = gelu_erf(x);
    } else if ACTIVATION == 2u {
        x = gelu_tanh(x);
    }
    if column4 < ROTATED4 {
        let pair4 = column4 % HEAD4;
        if ROPE {
            x = rotate(x, constants[offsets.rope + place * HEAD4 + pair4]);
        } else {
            x = rotate(x, rope[vectors * HEAD4 + pair4]);
        }
    }
    if GATED {
        x *= modulation[vectors * MODULATION4 + offsets.gate + column4] + constants[offsets.gate_offset + column4];
    }
    var to = row;
    if SLOTS > 0u {
        // Tint refuses a division by zero even where it is never done.
        to = (step.slot + SLOTS + frame - 1u) % max(SLOTS, 1u) * TOKENS + place;
    }
    if ADD {
        x += stream[row * OUTPUTS4 + column4];
    }
    output[to * OUTPUTS4 + column4] = x;
}

// Four weights as they are stored, or a half of them.
fn stored(row: u32, column4: u32, half: u32) -> vec2<u32> {
    let i = row * OUTPUTS4 + column4;
    if HALF {
        let eight = weight[i / 2u];
        return select(eight.xy, eight.zw, i % 2u == 1u);
    }
    let four = weight[i];
    return select(four.xy, four.zw, half == 1u);
}

// Weights of the tile, `k` deep.
fn in_tile(k: u32, column4: u32) -> vec4<f32> {
    let i = k * COLUMNS4_TILE + column4;
    if HALF {
        let four = weight_tile[i];
        return vec4(unpack2x16float(four.x), unpack2x16float(four.y));
    }
    return bitcast<vec4<f32>>(vec4(weight_tile[2u * i], weight_tile[2u * i + 1u]));
}

// The input of a product: `statistics` are its row's mean and one over its deviation.
fn normed(x: vec4<f32>, local_row: u32, k4: u32, statistics: vec2<f32>) -> vec4<f32> {
    let y = (x - statistics.x) * statistics.y;
    if !MODULATED {
        return y;
    }
    let vectors = 2u * step.step + (FIRST_ROW + local_row) / TOKENS;
    let first = vectors * MODULATION4 + k4;
    let scale = modulation[first + offsets.scale] + constants[offsets.scale_offset + k4];
    let shift = modulation[first + offsets.shift] + constants[offsets.shift_offset + k4];
    return y * scale + shift;
}

fn over_deviation(squares: f32) -> f32 {
    return inverseSqrt(squares / f32(4u * INPUTS4) + 1e-6);
}

// The sum of the values of sixteen neighbours, who share a row.
fn total(value: f32, index: u32) -> f32 {
    sums[index] = value;
    workgroupBarrier();
    let first = index / 16u * 16u;
    var sum = 0.0;
    for (var i = 0u; i < 16u; i++) {
        sum += sums[first + i];
    }
    workgroupBarrier();
    return sum;
}

fn take_statistics(local_row: u32, index: u32) {
    let first = (FIRST_ROW + local_row) * INPUTS4;
    let last = select(0u, INPUTS4, local_row < ROWS);
    var sum = 0.0;
    for (var k4 = index % 16u; k4 < last; k4 += 16u) {
        sum += dot(input[first + k4], vec4(1.0));
    }
    let mean = total(sum, index) / f32(4u * INPUTS4);
    var squares = 0.0;
    for (var k4 = index % 16u; k4 < last; k4 += 16u) {
        let centred = input[first + k4] - mean;
        squares += dot(centred, centred);
    }
    let inverse = over_deviation(total(squares, index));
    if index % 16u == 0u {
        statistics[index / 16u] = vec2(mean, inverse);
    }
    workgroupBarrier();
}

@compute @workgroup_size(16, 8, 2)
fn tiled(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let first_row = group.y * ROWS_TILE;
    let first_column4 = group.x * COLUMNS4_TILE;
    if first_row >= row_count() {
        return;
    }
    if NORMED {
        take_statistics(first_row + index / 16u, index);
    }
    let halves = select(2u, 1u, HALF);
    var upper = vec4(0.0);
    var lower = vec4(0.0);
    for (var depth4 = 0u; depth4 < INPUTS4; depth4 += DEPTH4_TILE) {
        if index < ROWS_TILE * DEPTH4_TILE {
            let row = first_row + index / DEPTH4_TILE;
            let k4 = depth4 + index % DEPTH4_TILE;
            var value = vec4(0.0);
            if row < row_count() && k4 < INPUTS4 {
                value = input[(FIRST_ROW + row) * INPUTS4 + k4];
                if NORMED {
                    value = normed(value, row, k4, statistics[index / DEPTH4_TILE]);
                }
            }
            input_tile[index] = value;
        }
        for (var part = 0u; part < 4u; part++) {
            let i = index + 256u * part;
            let k = 4u * depth4 + i / halves / COLUMNS4_TILE;
            let column4 = first_column4 + i / halves % COLUMNS4_TILE;
            var value = vec2(0u);
            if column4 < OUTPUTS4 && k < 4u * INPUTS4 {
                value = stored(k, column4, i % halves);
            }
            weight_tile[i] = value;
        }
        workgroupBarrier();
        for (var i = 0u; i < DEPTH4_TILE / 2u; i++) {
            let k4 = local.z * DEPTH4_TILE / 2u + i;
            let a = input_tile[local.y * DEPTH4_TILE + k4];
            let b = input_tile[(local.y + 8u) * DEPTH4_TILE + k4];
            let w0 = in_tile(4u * k4, local.x);
            let w1 = in_tile(4u * k4 + 1u, local.x);
            let w2 = in_tile(4u * k4 + 2u, local.x);
            let w3 = in_tile(4u * k4 + 3u, local.x);
            upper += a.x * w0 + a.y * w1 + a.z * w2 + a.w * w3;
            lower += b.x * w0 + b.y * w1 + b.z * w2 + b.w * w3;
        }
        workgroupBarrier();
    }
    // Each half of the sum is finished for one of the two rows.
    let place = local.y * COLUMNS4_TILE + local.x;
    let upper_half = local.z == 0u;
    input_tile[local.z * 128u + place] = select(upper, lower, upper_half);
    workgroupBarrier();
    let product = select(lower, upper, upper_half) + input_tile[(1u - local.z) * 128u + place];
    finish(first_row + local.y + 8u * local.z, first_column4 + local.x, product);
}

const DIRECT_COLUMNS4 = 8u;

@compute @workgroup_size(64)
fn direct(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let row = group.y * 64u + index;
    if row >= row_count() {
        return;
    }
    let input_row = FIRST_ROW + row;
    var row_statistics = vec2(0.0, 1.0);
    if NORMED {
        var sum = 0.0;
        for (var k4 = 0u; k4 < INPUTS4; k4++) {
            sum += dot(input[input_row * INPUTS4 + k4], vec4(1.0));
        }
        let mean = sum / f32(4u * INPUTS4);
        var squares = 0.0;
        for (var k4 = 0u; k4 < INPUTS4; k4++) {
            let centred = input[input_row * INPUTS4 + k4] - mean;
            squares += dot(centred, centred);
        }
        row_statistics = vec2(mean, over_deviation(squares));
    }
    // The same for all threads of a workgroup, so that a weight is read once for all of them. In place of
    // columns past the last, the last is read, and nothing is written.
    let first_column4 = group.x * DIRECT_COLUMNS4;
    var sums: array<vec4<f32>, 8>;
    for (var k4 = 0u; k4 < INPUTS4; k4++) {
        var a = input[input_row * INPUTS4 + k4];
        if NORMED {
            a = normed(a, row, k4, row_statistics);
        }
        for (var i = 0u; i < DIRECT_COLUMNS4; i++) {
            let column4 = min(first_column4 + i, OUTPUTS4 - 1u);
            sums[i] += a.x * weight_at(4u * k4, column4)
                + a.y * weight_at(4u * k4 + 1u, column4)
                + a.z * weight_at(4u * k4 + 2u, column4)
                + a.w * weight_at(4u * k4 + 3u, column4);
        }
    }
    for (var i = 0u; i < DIRECT_COLUMNS4; i++) {
        finish(row, first_column4 + i, sums[i]);
    }
}
