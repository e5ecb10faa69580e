// All constants lie in one texture, line by line.
const CONSTANTS_WIDTH = 1024u;

fn constant(i: u32) -> vec4<f32> {
    return textureLoad(constants, vec2(i % CONSTANTS_WIDTH, i / CONSTANTS_WIDTH), 0);
}
