// Averages squares of FACTOR x FACTOR pixels into one. Textures are sRGB: the mean is of light.

@group(0) @binding(0) var source: texture_2d<f32>;

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    // One triangle that covers the picture.
    return vec4<f32>(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let factor = #{FACTOR};
    let corner = vec2<i32>(position.xy) * factor;
    var sum = vec3<f32>(0.0);
    for (var y = 0; y < factor; y++) {
        for (var x = 0; x < factor; x++) {
            sum += textureLoad(source, corner + vec2<i32>(x, y), 0).rgb;
        }
    }
    return vec4<f32>(sum / f32(factor * factor), 1.0);
}
