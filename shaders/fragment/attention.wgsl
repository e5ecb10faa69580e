// Softmax attention in two passes: scores of four keys a texel, then the values' weighted sum.

struct Step {
    step: u32,
    slot: u32,
    cached: u32,
    unused: u32,
    update: vec4<f32>,
    context: vec4<f32>,
}

@group(0) @binding(0) var<uniform> step: Step;
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

// Frame 0 is the pending one, frame 1 the new one; ages count from the new one.
fn first_age(frame: u32) -> u32 {
    return 1u - frame;
}

fn key_count(frame: u32) -> u32 {
    if SLOTS == 0u {
        return TOKENS;
    }
    let oldest = min(min(first_age(frame) + WINDOW - 1u, step.cached), SLOTS - 1u);
    return oldest + 1u - first_age(frame);
}

fn key_row(frame: u32, place: u32, key: u32) -> u32 {
    if SLOTS == 0u {
        return frame * TOKENS + key;
    }
    // Tint refuses a division by zero even where it is never done.
    return (step.slot + SLOTS - first_age(frame) - key) % max(SLOTS, 1u) * TOKENS + place;
}

// Texels of scores a head.
fn scores4() -> u32 {
    return (select(WINDOW, TOKENS, SLOTS == 0u) + 3u) / 4u;
}

@vertex
fn triangle(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
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
