// A small picture over a large window. Smooth: Catmull-Rom, which keeps edges clear where the
// sampler's own linear filter would blur them. Crisp: every pixel a square.
#import bevy_sprite::mesh2d_vertex_output::VertexOutput

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var picture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var between: sampler;
// x: 1 for crisp.
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var<uniform> mode: vec4<u32>;

fn at(pixel: vec2<f32>, size: vec2<f32>) -> vec3<f32> {
    return textureSampleLevel(picture, between, pixel / size, 0.0).rgb;
}

// The 16 taps of the bicubic filter as 9 linear ones, the inner two of each axis taken together.
fn smooth_at(uv: vec2<f32>, size: vec2<f32>) -> vec3<f32> {
    let place = uv * size;
    let centre = floor(place - 0.5) + 0.5;
    let f = place - centre;
    let w0 = f * (-0.5 + f * (1.0 - 0.5 * f));
    let w1 = 1.0 + f * f * (-2.5 + 1.5 * f);
    let w2 = f * (0.5 + f * (2.0 - 1.5 * f));
    let w3 = f * f * (-0.5 + 0.5 * f);
    let w = w1 + w2;
    let before = centre - 1.0;
    let middle = centre + w2 / w;
    let after = centre + 2.0;
    return at(vec2(before.x, before.y), size) * w0.x * w0.y
        + at(vec2(middle.x, before.y), size) * w.x * w0.y
        + at(vec2(after.x, before.y), size) * w3.x * w0.y
        + at(vec2(before.x, middle.y), size) * w0.x * w.y
        + at(vec2(middle.x, middle.y), size) * w.x * w.y
        + at(vec2(after.x, middle.y), size) * w3.x * w.y
        + at(vec2(before.x, after.y), size) * w0.x * w3.y
        + at(vec2(middle.x, after.y), size) * w.x * w3.y
        + at(vec2(after.x, after.y), size) * w3.x * w3.y;
}

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let size = vec2<f32>(textureDimensions(picture));
    if mode.x == 1u {
        return vec4(at(floor(in.uv * size) + 0.5, size), 1.0);
    }
    return vec4(clamp(smooth_at(in.uv, size), vec3(0.0), vec3(1.0)), 1.0);
}
