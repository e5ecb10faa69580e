// A weighted sum of at most three latents, whose rows may be cut another way than the output's; or
// two latents side by side.

@group(0) @binding(1) var first: texture_2d_array<f32>;
@group(0) @binding(2) var second: texture_2d_array<f32>;
@group(0) @binding(3) var third: texture_2d_array<f32>;
@group(0) @binding(4) var fourth: texture_2d_array<f32>;

// As in compute/combine.wgsl.
override TERMS: u32 = 1;
override SECOND4: u32 = 0;
override TOKENS: u32 = 1;
override CELL4: u32 = 1;
// Texels of a row of the output.
override COLUMNS4: u32 = 1;

fn combined(column4: u32, row: u32) -> vec4<f32> {
    let i = row * COLUMNS4 + column4;
    let weights = term_weights();
    let width = textureDimensions(first).x;
    let one = textureLoad(first, texel(i % width, i / width), layer(i / width), 0);
    var sum = term(vec4(0.0), weights.x, one);
    if TERMS > 1u {
        let at = SECOND4 + i;
        let width = textureDimensions(second).x;
        let two = textureLoad(second, texel(at % width, at / width), layer(at / width), 0);
        sum = term(sum, weights.y, two);
    }
    if TERMS > 2u {
        let width = textureDimensions(third).x;
        let three = textureLoad(third, texel(i % width, i / width), layer(i / width), 0);
        sum = term(sum, weights.z, three);
    }
    return sum;
}

@fragment
fn combine(@builtin(position) position: vec4<f32>) -> Rows {
    let column4 = u32(position.x);
    let row = u32(position.y) * LAYERS;
    var out: Rows;
    out.a = combined(column4, row);
    if LAYERS > 1u {
        out.b = combined(column4, row + 1u);
    }
    if LAYERS > 2u {
        out.c = combined(column4, row + 2u);
        out.d = combined(column4, row + 3u);
    }
    return out;
}

fn assembled(column4: u32, row: u32) -> vec4<f32> {
    let place = row % TOKENS;
    let at = texel(column4 % CELL4, place);
    let pending = row < TOKENS;
    if column4 < CELL4 {
        return select(textureLoad(second, at, layer(place), 0), textureLoad(first, at, layer(place), 0), pending);
    }
    return select(textureLoad(fourth, at, layer(place), 0), textureLoad(third, at, layer(place), 0), pending);
}

@fragment
fn assemble(@builtin(position) position: vec4<f32>) -> Rows {
    let column4 = u32(position.x);
    let row = u32(position.y) * LAYERS;
    var out: Rows;
    out.a = assembled(column4, row);
    if LAYERS > 1u {
        out.b = assembled(column4, row + 1u);
    }
    if LAYERS > 2u {
        out.c = assembled(column4, row + 2u);
        out.d = assembled(column4, row + 3u);
    }
    return out;
}
