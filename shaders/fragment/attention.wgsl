// Softmax attention in two passes: scores of four keys a texel, then the values' weighted sum.

@group(0) @binding(1) var queries: texture_2d_array<f32>;
@group(0) @binding(2) var memory: texture_2d_array<f32>;

// As in compute/attention.wgsl.
override TOKENS: u32;
override HEAD4: u32;
override KEYS4: u32;
override VALUES4: u32;
override SLOTS: u32 = 0;
override WINDOW: u32 = 0;

const SCORE_OF_NOTHING = -3e38;

// Texels of scores a head.
fn scores4() -> u32 {
    return (select(WINDOW, TOKENS, SLOTS == 0u) + 3u) / 4u;
}

fn scores_of(column4: u32, row: u32) -> vec4<f32> {
    let head4 = column4 / scores4() * HEAD4;
    let first = column4 % scores4() * 4u;
    let frame = row / TOKENS;
    let place = row % TOKENS;
    let count = key_count(frame);
    let scale = inverseSqrt(4.0 * f32(HEAD4));
    var scores = vec4(SCORE_OF_NOTHING);
    for (var i = 0u; i < 4u; i++) {
        let key = first + i;
        if key < count {
            let key_row = key_row(frame, place, key);
            var sum = vec4(0.0);
            for (var j = 0u; j < HEAD4; j++) {
                sum += textureLoad(queries, texel(head4 + j, row), layer(row), 0)
                    * textureLoad(memory, texel(KEYS4 + head4 + j, key_row), layer(key_row), 0);
            }
            scores[i] = dot(sum, vec4(scale));
        }
    }
    return scores;
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

// In the second pass binding 1 holds the scores.
fn mixed_values(column4: u32, row: u32) -> vec4<f32> {
    let first = column4 / HEAD4 * scores4();
    let frame = row / TOKENS;
    let place = row % TOKENS;
    let count = key_count(frame);
    var largest = vec4(SCORE_OF_NOTHING);
    for (var i = 0u; i < scores4(); i++) {
        largest = max(largest, textureLoad(queries, texel(first + i, row), layer(row), 0));
    }
    let top = max(max(largest.x, largest.y), max(largest.z, largest.w));
    var sum = 0.0;
    var mixed = vec4(0.0);
    for (var i = 0u; i < scores4(); i++) {
        let shares = exp(textureLoad(queries, texel(first + i, row), layer(row), 0) - top);
        for (var j = 0u; j < 4u; j++) {
            let key = 4u * i + j;
            if key < count {
                sum += shares[j];
                let key_row = key_row(frame, place, key);
                mixed += shares[j] * textureLoad(memory, texel(VALUES4 + column4, key_row), layer(key_row), 0);
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
