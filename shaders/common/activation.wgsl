// What follows a product: activations, and the rotation of pairs that stand side by side.

// Abramowitz and Stegun 1964, 7.1.26, to 2e-7.
fn gelu_erf(x: vec4<f32>) -> vec4<f32> {
    let z = abs(x) * 0.70710678;
    let t = 1.0 / (1.0 + 0.3275911 * z);
    let series = ((((1.0614054 * t - 1.453152) * t + 1.4214137) * t - 0.28449674) * t + 0.2548296) * t;
    let tail = 0.5 * series * exp(-z * z);
    return x * select(1.0 - tail, tail, x < vec4(0.0));
}

fn gelu_tanh(x: vec4<f32>) -> vec4<f32> {
    let twice = x * (x * x * 0.071354814 + 1.5957691);
    return x / (1.0 + exp(-twice));
}

fn rotate(x: vec4<f32>, turn: vec4<f32>) -> vec4<f32> {
    return vec4(
        x.x * turn.x - x.y * turn.y,
        x.y * turn.x + x.x * turn.y,
        x.z * turn.z - x.w * turn.w,
        x.w * turn.z + x.z * turn.w,
    );
}
