// output = a weighted sum of at most three latents; or two latents side by side.

struct Step {
    step: u32,
    slot: u32,
    cached: u32,
    unused: u32,
    update: vec4<f32>,
    context: vec4<f32>,
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> first: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> second: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> third: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> fourth: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4<f32>>;

// Vectors of four numbers in all.
override COUNT4: u32 = 1;
override TERMS: u32 = 1;
// 0 ones, 1 the sampler's update, 2 the context's noise.
override WEIGHTS: u32 = 0;
override SECOND4: u32 = 0;

fn term(sum: vec4<f32>, weight: f32, value: vec4<f32>) -> vec4<f32> {
    // A weight of zero leaves its term out, whatever that holds.
    return select(sum, sum + weight * value, weight != 0.0);
}

@compute @workgroup_size(64)
fn combine(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= COUNT4 {
        return;
    }
    var weights = vec4(1.0);
    if WEIGHTS == 1u {
        weights = step.update;
    } else if WEIGHTS == 2u {
        weights = step.context;
    }
    var sum = term(vec4(0.0), weights.x, first[i]);
    if TERMS > 1u {
        sum = term(sum, weights.y, second[SECOND4 + i]);
    }
    if TERMS > 2u {
        sum = term(sum, weights.z, third[i]);
    }
    output[i] = sum;
}

// Rows of the pending frame and of the new one: latent (`first`, `second`) and, if the network sees
// it, the latent of the frame before (`third`, `fourth`).
override FIRST_ROW: u32 = 0;
override TOKENS: u32 = 1;
override CELL4: u32 = 1;
override COLUMNS4: u32 = 1;

@compute @workgroup_size(64)
fn assemble(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= COUNT4 {
        return;
    }
    let row = FIRST_ROW + id.x / COLUMNS4;
    let column4 = id.x % COLUMNS4;
    let source = row % TOKENS * CELL4 + column4 % CELL4;
    var value = vec4(0.0);
    if column4 < CELL4 {
        value = select(second[source], first[source], row < TOKENS);
    } else {
        value = select(fourth[source], third[source], row < TOKENS);
    }
    output[row * COLUMNS4 + column4] = value;
}
