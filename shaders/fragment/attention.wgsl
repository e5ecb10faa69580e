// Softmax attention in two passes: scores of four keys a texel, then the values' weighted sum.

// Queries, keys and values side by side.
@group(0) @binding(1) var memory: texture_2d_array<f32>;
// Of the second pass.
@group(0) @binding(2) var scores: texture_2d_array<f32>;

// As in compute/attention.wgsl.
override TOKENS: u32;
override HEADS: u32;
override HEAD4: u32;
override SLOTS: u32 = 0;
override WINDOW: u32 = 0;

// Slots of the ring below each other; those that follow stand to the right. 0: all.
override RING_FOLD: u32 = 0;
override WIDTH4: u32 = HEADS * HEAD4;

const SCORE_OF_NOTHING = -3e38;

// Texels of scores a head.
fn scores4() -> u32 {
    return (select(WINDOW, TOKENS, SLOTS == 0u) + 3u) / 4u;
}

fn memory_at(column4: u32, row: u32) -> vec4<f32> {
    if RING_FOLD == 0u {
        return textureLoad(memory, texel(column4, row), layer(row), 0);
    }
    // Tint refuses a division by zero even where it is never done.
    let rows = max(RING_FOLD * TOKENS, 1u);
    return textureLoad(memory, texel(column4 + row / rows * 3u * WIDTH4, row % rows), layer(row), 0);
}

fn scores_of(column4: u32, row: u32) -> vec4<f32> {
    let head4 = column4 / scores4() * HEAD4;
    let first = column4 % scores4() * 4u;
    let frame = row / TOKENS;
    let place = row % TOKENS;
    let count = key_count(frame);
    let query_row = query_row(frame, place);
    let scale = inverseSqrt(4.0 * f32(HEAD4));
    var four = vec4(SCORE_OF_NOTHING);
    for (var i = 0u; i < 4u; i++) {
        let key = first + i;
        if key < count {
            let key_row = key_row(frame, place, key);
            var sum = vec4(0.0);
            for (var j = 0u; j < HEAD4; j++) {
                sum += memory_at(head4 + j, query_row) * memory_at(WIDTH4 + head4 + j, key_row);
            }
            four[i] = dot(sum, vec4(scale));
        }
    }
    return four;
}

@fragment
fn score(@builtin(position) position: vec4<f32>) -> Rows {
    let column4 = u32(position.x);
    let row = u32(position.y) * LAYERS;
    var out: Rows;
    out.a = scores_of(column4, row);
    if LAYERS > 1u {
        out.b = scores_of(column4, row + 1u);
    }
    if LAYERS > 2u {
        out.c = scores_of(column4, row + 2u);
        out.d = scores_of(column4, row + 3u);
    }
    return out;
}

fn mixed_values(column4: u32, row: u32) -> vec4<f32> {
    let first = column4 / HEAD4 * scores4();
    let frame = row / TOKENS;
    let place = row % TOKENS;
    let count = key_count(frame);
    var largest = vec4(SCORE_OF_NOTHING);
    for (var i = 0u; i < scores4(); i++) {
        largest = max(largest, textureLoad(scores, texel(first + i, row), layer(row), 0));
    }
    let top = max(max(largest.x, largest.y), max(largest.z, largest.w));
    var sum = 0.0;
    var mixed = vec4(0.0);
    for (var i = 0u; i < scores4(); i++) {
        let shares = exp(textureLoad(scores, texel(first + i, row), layer(row), 0) - top);
        for (var j = 0u; j < 4u; j++) {
            let key = 4u * i + j;
            if key < count {
                sum += shares[j];
                mixed += shares[j] * memory_at(2u * WIDTH4 + column4, key_row(frame, place, key));
            }
        }
    }
    return mixed / sum;
}

@fragment
fn mix_values(@builtin(position) position: vec4<f32>) -> Rows {
    let column4 = u32(position.x);
    let row = u32(position.y) * LAYERS;
    var out: Rows;
    out.a = mixed_values(column4, row);
    if LAYERS > 1u {
        out.b = mixed_values(column4, row + 1u);
    }
    if LAYERS > 2u {
        out.c = mixed_values(column4, row + 2u);
        out.d = mixed_values(column4, row + 3u);
    }
    return out;
}
