// Buffers are textures of layers: row r is line r / LAYERS of layer r % LAYERS. A fragment draws one
// line of all layers, so that what it reads for one row serves the others.
override LAYERS: u32 = 1;

struct Rows {
    @location(0) a: vec4<f32>,
    @location(1) b: vec4<f32>,
    @location(2) c: vec4<f32>,
    @location(3) d: vec4<f32>,
}

fn texel(column4: u32, row: u32) -> vec2<u32> {
    return vec2(column4, row / LAYERS);
}

fn layer(row: u32) -> u32 {
    return row % LAYERS;
}
