// Softmax attention, among the tokens of a frame or among the frames at a place.
//
// `together`: sixteen threads share a query of one head: each scores its share of 64 keys, then each
// sums up four channels of the values. `alone`: a thread has a query by itself. Either way the softmax
// runs along (Milakov and Gimelshein 2018), so no more than a chunk's scores are ever kept.

// Queries, keys and values side by side.
@group(0) @binding(1) var<storage, read> memory: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<f32>>;

override FIRST_ROW: u32;
override ROWS: u32;
override TOKENS: u32;
override HEADS: u32;
override HEAD4: u32;
// Frames of the ring and frames that are seen; 0: among the tokens of a frame.
override SLOTS: u32 = 0;
override WINDOW: u32 = 0;

// Vectors of all heads.
override WIDTH4: u32 = HEADS * HEAD4;

const LANES = 16u;
const CHUNK = 64u;
const SCORE_OF_NOTHING = -3e38;

var<workgroup> scores: array<array<f32, 64>, 4>;

@compute @workgroup_size(16, 4)
fn together(
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
    let query = query_row(frame, place) * 3u * WIDTH4 + head4;

    var largest = SCORE_OF_NOTHING;
    var sum = 0.0;
    var mixed = array<vec4<f32>, 2>(vec4(0.0), vec4(0.0));
    for (var first = 0u; first < longest; first += CHUNK) {
        let here = min(max(count, first) - first, CHUNK);
        for (var key = lane; key < here; key += LANES) {
            let at = (key_row(frame, place, first + key) * 3u + 1u) * WIDTH4 + head4;
            var score = vec4(0.0);
            for (var i = 0u; i < HEAD4; i++) {
                score += memory[query + i] * memory[at + i];
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
            let at = (key_row(frame, place, first + key) * 3u + 2u) * WIDTH4 + head4;
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
            output[row * WIDTH4 + head4 + i] = mixed[half] / sum;
        }
    }
}

const ALONE_CHUNK = 8u;

// For devices on which workgroup memory and barriers are dear (processors). The threads of a workgroup are of one frame and one head, so that keys of that frame are read once for
// all of them.
@compute @workgroup_size(64)
fn alone(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let head4 = group.x * HEAD4;
    let place = group.y * 64u + index;
    let frame = FIRST_ROW / TOKENS + group.z;
    if place >= TOKENS {
        return;
    }
    let row = frame * TOKENS + place;
    let count = key_count(frame);
    let scale = inverseSqrt(4.0 * f32(HEAD4));
    let query = query_row(frame, place) * 3u * WIDTH4 + head4;

    var largest = SCORE_OF_NOTHING;
    var sum = 0.0;
    var mixed: array<vec4<f32>, 32>;
    for (var first = 0u; first < count; first += ALONE_CHUNK) {
        let here = min(count - first, ALONE_CHUNK);
        var near: array<f32, 8>;
        var higher = largest;
        for (var key = 0u; key < here; key++) {
            let at = (key_row(frame, place, first + key) * 3u + 1u) * WIDTH4 + head4;
            var score = vec4(0.0);
            for (var i = 0u; i < HEAD4; i++) {
                score += memory[query + i] * memory[at + i];
            }
            near[key] = dot(score, vec4(scale));
            higher = max(higher, near[key]);
        }
        let fade = exp(largest - higher);
        largest = higher;
        sum *= fade;
        for (var i = 0u; i < HEAD4; i++) {
            mixed[i] *= fade;
        }
        for (var key = 0u; key < here; key++) {
            let share = exp(near[key] - higher);
            sum += share;
            let at = (key_row(frame, place, first + key) * 3u + 2u) * WIDTH4 + head4;
            for (var i = 0u; i < HEAD4; i++) {
                mixed[i] += share * memory[at + i];
            }
        }
    }
    for (var i = 0u; i < HEAD4; i++) {
        output[row * WIDTH4 + head4 + i] = mixed[i] / sum;
    }
}
