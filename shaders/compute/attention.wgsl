// Softmax attention, among the tokens of a frame or among the frames at a place.
//
// Sixteen threads share a query of one head: each scores its share of 64 keys, then each sums up four
// channels of the values. The softmax runs along (Milakov and Gimelshein 2018), so no more than
// 64 scores a query are ever kept.

struct Step {
    step: u32,
    slot: u32,
    cached: u32,
    unused: u32,
    update: vec4<f32>,
    context: vec4<f32>,
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> queries: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> memory: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4<f32>>;

override FIRST_ROW: u32;
override ROWS: u32;
override TOKENS: u32;
override HEADS: u32;
override HEAD4: u32;
// Vectors from row to row of queries and of keys and values, and where keys and values begin.
override QUERY_STRIDE4: u32;
override MEMORY_STRIDE4: u32;
override KEYS4: u32;
override VALUES4: u32;
// Frames of the ring and frames that are seen; 0: among the tokens of a frame.
override SLOTS: u32 = 0;
override WINDOW: u32 = 0;

const LANES = 16u;
const CHUNK = 64u;
const SCORE_OF_NOTHING = -3e38;

var<workgroup> scores: array<array<f32, 64>, 4>;

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

@compute @workgroup_size(16, 4)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let lane = local.x;
    let item = group.x * 4u + local.y;
    let alive = item < ROWS * HEADS;
    let row = FIRST_ROW + min(item / HEADS, ROWS - 1u);
    let head4 = item % HEADS * HEAD4;
    let frame = row / TOKENS;
    let place = row % TOKENS;
    // Whatever frame a query is of, all threads of a workgroup go round as often.
    let count = key_count(frame);
    let longest = select(max(key_count(0u), key_count(1u)), TOKENS, SLOTS == 0u);
    let scale = inverseSqrt(4.0 * f32(HEAD4));
    let query = row * QUERY_STRIDE4 + head4;

    var largest = SCORE_OF_NOTHING;
    var sum = 0.0;
    var mixed = array<vec4<f32>, 2>(vec4(0.0), vec4(0.0));
    for (var first = 0u; first < longest; first += CHUNK) {
        let here = min(max(count, first) - first, CHUNK);
        for (var key = lane; key < here; key += LANES) {
            let at = key_row(frame, place, first + key) * MEMORY_STRIDE4 + KEYS4 + head4;
            var score = vec4(0.0);
            for (var i = 0u; i < HEAD4; i++) {
                score += queries[query + i] * memory[at + i];
            }
            scores[local.y][key] = dot(score, vec4(scale));
        }
        workgroupBarrier();
        var higher = largest;
        for (var key = 0u; key < here; key++) {
            higher = max(higher, scores[local.y][key]);
        }
        workgroupBarrier();
        for (var key = lane; key < here; key += LANES) {
            scores[local.y][key] = exp(scores[local.y][key] - higher);
        }
        workgroupBarrier();
        let fade = exp(largest - higher);
        largest = higher;
        sum *= fade;
        for (var half = 0u; half < 2u; half++) {
            mixed[half] *= fade;
        }
        for (var key = 0u; key < here; key++) {
            let share = scores[local.y][key];
            sum += share;
            let at = key_row(frame, place, first + key) * MEMORY_STRIDE4 + VALUES4 + head4;
            for (var half = 0u; half < 2u; half++) {
                let i = lane + half * LANES;
                if i < HEAD4 {
                    mixed[half] += share * memory[at + i];
                }
            }
        }
        workgroupBarrier();
    }
    for (var half = 0u; half < 2u; half++) {
        let i = lane + half * LANES;
        if alive && i < HEAD4 {
            output[row * HEADS * HEAD4 + head4 + i] = mixed[half] / sum;
        }
    }
}
