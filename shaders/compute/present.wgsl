// Patches of pixels to the texture that the scene shows. The network's colours are sRGB already; the
// target encodes what it is given, so they are decoded first.

@group(0) @binding(1) var<storage, read> pixels: array<f32>;

override WIDTH: u32;
override PATCH: u32;
override GROUP: u32;

@vertex
fn triangle(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn linear_of(srgb: vec3<f32>) -> vec3<f32> {
    let low = srgb / 12.92;
    let high = pow((srgb + 0.055) / 1.055, vec3(2.4));
    return select(high, low, srgb <= vec3(0.04045));
}

@fragment
fn present(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = vec2<u32>(position.xy);
    let cell = at / PATCH;
    let inner = at % PATCH;
    let token = cell / GROUP;
    let across = WIDTH / (PATCH * GROUP);
    let index = (token.y * across + token.x) * GROUP * GROUP
        + cell.y % GROUP * GROUP + cell.x % GROUP;
    let first = ((index * PATCH + inner.y) * PATCH + inner.x) * 3u;
    let srgb = clamp(vec3(pixels[first], pixels[first + 1u], pixels[first + 2u]), vec3(0.0), vec3(1.0));
    return vec4(linear_of(srgb), 1.0);
}
