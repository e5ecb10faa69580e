// What is another for every denoising step; `steps` are all of the frame's.
struct Step {
    step: u32,
    slot: u32,
    cached: u32,
    steps: u32,
    update: vec4<f32>,
    context: vec4<f32>,
}

@group(0) @binding(0) var<uniform> step: Step;
