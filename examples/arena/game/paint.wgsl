// Flat paint: the colour of the vertex times a tint, fading into the haze with distance.
// A vertex's alpha says how much haze it takes: 0 for the sky, 1 for what stands in the arena.
#import bevy_pbr::{forward_io::VertexOutput, mesh_view_bindings::view}

struct Paint {
    tint: vec4<f32>,
    // rgb: the haze's colour; a: its density per metre.
    haze: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> paint: Paint;

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
#ifdef VERTEX_COLORS
    let vertex = in.color;
#else
    let vertex = vec4<f32>(1.0);
#endif
    let far = distance(in.world_position.xyz, view.world_position.xyz);
    let haze = (1.0 - exp(-far * paint.haze.a)) * vertex.a;
    return vec4<f32>(mix(vertex.rgb * paint.tint.rgb, paint.haze.rgb, haze), 1.0);
}
