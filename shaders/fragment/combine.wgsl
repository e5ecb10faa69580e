// A weighted sum of at most three latents, whose rows may be cut another way than the output's; or
// two latents side by side.

@group(0) @binding(1) var first: texture_2d<f32>;
@group(0) @binding(2) var second: texture_2d<f32>;
@group(0) @binding(3) var third: texture_2d<f32>;
@group(0) @binding(4) var fourth: texture_2d<f32>;

// As in compute/combine.wgsl.
override COUNT4: u32 = 1;
override TERMS: u32 = 1;
override SECOND4: u32 = 0;
override FIRST_ROW: u32 = 0;
override TOKENS: u32 = 1;
override CELL4: u32 = 1;
// Texels of a row of the output.
override COLUMNS4: u32 = 1;

fn place(i: u32, width: u32) -> vec2<u32> {
    return vec2(i % width, i / width);
}

@fragment
fn combine(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let i = at.y * COLUMNS4 + at.x;
    let weights = term_weights();
    let one = textureLoad(first, place(i, textureDimensions(first).x), 0);
    var sum = term(vec4(0.0), weights.x, one);
    if TERMS > 1u {
        let two = textureLoad(second, place(SECOND4 + i, textureDimensions(second).x), 0);
        sum = term(sum, weights.y, two);
    }
    if TERMS > 2u {
        let three = textureLoad(third, place(i, textureDimensions(third).x), 0);
        sum = term(sum, weights.z, three);
    }
    return sum;
}

@fragment
fn assemble(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let source = vec2(at.x % CELL4, at.y % TOKENS);
    let pending = at.y < TOKENS;
    if at.x < CELL4 {
        return select(textureLoad(second, source, 0), textureLoad(first, source, 0), pending);
    }
    return select(textureLoad(fourth, source, 0), textureLoad(third, source, 0), pending);
}
