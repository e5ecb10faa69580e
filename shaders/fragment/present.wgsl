// Patches of pixels in a texture to the texture that the scene shows.

@group(0) @binding(1) var pixels: texture_2d_array<f32>;

fn number(cell: u32, i: u32) -> f32 {
    return textureLoad(pixels, texel(i / 4u, cell), layer(cell), 0)[i % 4u];
}

@fragment
fn present(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let inner = at % PATCH;
    let cell = cell_index(at / PATCH);
    let first = (inner.y * PATCH + inner.x) * 3u;
    let srgb = vec3(number(cell, first), number(cell, first + 1u), number(cell, first + 2u));
    return vec4(linear_of(srgb), 1.0);
}
