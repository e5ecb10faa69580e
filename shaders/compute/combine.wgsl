// output = a weighted sum of at most three latents; or two latents side by side.

@group(0) @binding(1) var<storage, read> first: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> second: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> third: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> fourth: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4<f32>>;

// Vectors of four numbers in all.
override COUNT4: u32 = 1;
override TERMS: u32 = 1;
override SECOND4: u32 = 0;

@compute @workgroup_size(64)
fn combine(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= COUNT4 {
        return;
    }
    let weights = term_weights();
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
