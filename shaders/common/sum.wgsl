// Terms of a weighted sum.

fn term(sum: vec4<f32>, weight: f32, value: vec4<f32>) -> vec4<f32> {
    // A weight of zero leaves its term out, whatever that holds.
    return select(sum, sum + weight * value, weight != 0.0);
}

// 0 ones, 1 the sampler's update, 2 the context's noise.
override WEIGHTS: u32 = 0;

fn term_weights() -> vec4<f32> {
    if WEIGHTS == 1u {
        return step.update;
    } else if WEIGHTS == 2u {
        return step.context;
    }
    return vec4(1.0);
}
