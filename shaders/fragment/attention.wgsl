// Softmax attention in two passes: scores of four keys a texel, then the values' weighted sum.

@group(0) @binding(1) var queries: texture_2d<f32>;
@group(0) @binding(2) var memory: texture_2d<f32>;

// As in compute/attention.wgsl.
override FIRST_ROW: u32;
override ROWS: u32;
override TOKENS: u32;
override HEADS: u32;
override HEAD4: u32;
override QUERY_STRIDE4: u32;
override MEMORY_STRIDE4: u32;
override KEYS4: u32;
override VALUES4: u32;
override SLOTS: u32 = 0;
override WINDOW: u32 = 0;

const SCORE_OF_NOTHING = -3e38;

// Texels of scores a head.
fn scores4() -> u32 {
    return (select(WINDOW, TOKENS, SLOTS == 0u) + 3u) / 4u;
}

@fragment
fn score(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let head4 = at.x / scores4() * HEAD4;
    let first = at.x % scores4() * 4u;
    let frame = at.y / TOKENS;
    let place = at.y % TOKENS;
    let count = key_count(frame);
    let scale = inverseSqrt(4.0 * f32(HEAD4));
    var scores = vec4(SCORE_OF_NOTHING);
    for (var i = 0u; i < 4u; i++) {
        let key = first + i;
        if key < count {
            let row = key_row(frame, place, key);
            var sum = vec4(0.0);
            for (var j = 0u; j < HEAD4; j++) {
                sum += textureLoad(queries, vec2(head4 + j, at.y), 0)
                    * textureLoad(memory, vec2(KEYS4 + head4 + j, row), 0);
            }
            scores[i] = dot(sum, vec4(scale));
        }
    }
    return scores;
}

// In the second pass binding 1 holds the scores.
@fragment
fn mix_values(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let first = at.x / HEAD4 * scores4();
    let frame = at.y / TOKENS;
    let place = at.y % TOKENS;
    let count = key_count(frame);
    var largest = vec4(SCORE_OF_NOTHING);
    for (var i = 0u; i < scores4(); i++) {
        largest = max(largest, textureLoad(queries, vec2(first + i, at.y), 0));
    }
    let top = max(max(largest.x, largest.y), max(largest.z, largest.w));
    var sum = 0.0;
    var mixed = vec4(0.0);
    for (var i = 0u; i < scores4(); i++) {
        let shares = exp(textureLoad(queries, vec2(first + i, at.y), 0) - top);
        for (var j = 0u; j < 4u; j++) {
            let key = 4u * i + j;
            if key < count {
                sum += shares[j];
                let row = key_row(frame, place, key);
                mixed += shares[j] * textureLoad(memory, vec2(VALUES4 + at.x, row), 0);
            }
        }
    }
    return mixed / sum;
}
