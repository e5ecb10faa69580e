// output = stream + gate * rotate(activation(input * weight + bias + places))
//
// Two ways to the same product. `tiled`: a workgroup makes 16 rows by 64 columns, a thread two rows by
// four columns; tiles of the input and of the weights go through workgroup memory, 16 numbers deep.
// `direct`: a thread makes a row of 32 columns by itself, for devices on which workgroup memory is no
// faster than any other (processors).

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
override INPUT_BY_STEP: bool = false;
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
const DEPTH4_TILE = 4u;

var<workgroup> input_tile: array<array<vec4<f32>, 4>, 16>;
var<workgroup> weight_tile: array<array<vec4<f32>, 16>, 16>;

fn weight_at(row: u32, column4: u32) -> vec4<f32> {
    let i = row * OUTPUTS4 + column4;
    if HALF {
        let eight = weight[i / 2u];
        let four = select(eight.xy, eight.zw, i % 2u == 1u);
        return vec4(unpack2x16float(four.x), unpack2x16float(four.y));
    }
    return bitcast<vec4<f32>>(weight[i]);
}

fn finish(local_row: u32, column4: u32, product: vec4<f32>) {
    if local_row >= ROWS || column4 >= OUTPUTS4 {
        return;
    }
    let row = FIRST_ROW + local_row;
    let frame = row / TOKENS;
    let place = row % TOKENS;
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
            x = rotate(x, rope[(2u * step.step + frame) * HEAD4 + pair4]);
        }
    }
    if GATED {
        x *= modulation[frame * MODULATION4 + offsets.gate + column4] + constants[offsets.gate_offset + column4];
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

@compute @workgroup_size(16, 8)
fn tiled(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let first_row = group.y * ROWS_TILE;
    let column4 = group.x * COLUMNS4_TILE + local.x;
    let input_row = FIRST_ROW + select(0u, 2u * step.step, INPUT_BY_STEP);
    var upper = vec4(0.0);
    var lower = vec4(0.0);
    for (var depth4 = 0u; depth4 < INPUTS4; depth4 += DEPTH4_TILE) {
        if index < ROWS_TILE * DEPTH4_TILE {
            let row = first_row + index / DEPTH4_TILE;
            let k4 = depth4 + index % DEPTH4_TILE;
            var value = vec4(0.0);
            if row < ROWS && k4 < INPUTS4 {
                value = input[(input_row + row) * INPUTS4 + k4];
            }
            input_tile[index / DEPTH4_TILE][index % DEPTH4_TILE] = value;
        }
        for (var half = 0u; half < 2u; half++) {
            let k = local.y + 8u * half;
            var value = vec4(0.0);
            if column4 < OUTPUTS4 && 4u * depth4 + k < 4u * INPUTS4 {
                value = weight_at(4u * depth4 + k, column4);
            }
            weight_tile[k][local.x] = value;
        }
        workgroupBarrier();
        for (var k4 = 0u; k4 < DEPTH4_TILE; k4++) {
            let a = input_tile[local.y][k4];
            let b = input_tile[local.y + 8u][k4];
            let w0 = weight_tile[4u * k4][local.x];
            let w1 = weight_tile[4u * k4 + 1u][local.x];
            let w2 = weight_tile[4u * k4 + 2u][local.x];
            let w3 = weight_tile[4u * k4 + 3u][local.x];
            upper += a.x * w0 + a.y * w1 + a.z * w2 + a.w * w3;
            lower += b.x * w0 + b.y * w1 + b.z * w2 + b.w * w3;
        }
        workgroupBarrier();
    }
    finish(first_row + local.y, column4, upper);
    finish(first_row + local.y + 8u, column4, lower);
}

const DIRECT_COLUMNS4 = 8u;

@compute @workgroup_size(64)
fn direct(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let row = group.y * 64u + index;
    if row >= ROWS {
        return;
    }
    let input_row = FIRST_ROW + row + select(0u, 2u * step.step, INPUT_BY_STEP);
    // The same for all threads of a workgroup, so that a weight is read once for all of them. Columns
    // past the last are read from elsewhere and never written.
    let first_column4 = group.x * DIRECT_COLUMNS4;
    var sums: array<vec4<f32>, 8>;
    for (var k4 = 0u; k4 < INPUTS4; k4++) {
        let a = input[input_row * INPUTS4 + k4];
        for (var i = 0u; i < DIRECT_COLUMNS4; i++) {
            let column4 = first_column4 + i;
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
