// Patches of pixels in a buffer to the texture that the scene shows.

@group(0) @binding(1) var<storage, read> pixels: array<f32>;

@fragment
fn present(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let inner = at % PATCH;
    let first = ((cell_index(at / PATCH) * PATCH + inner.y) * PATCH + inner.x) * 3u;
    let srgb = vec3(pixels[first], pixels[first + 1u], pixels[first + 2u]);
    return vec4(linear_of(srgb), 1.0);
}
