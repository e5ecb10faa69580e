//! Layer normalisation, plain, with learned gain and offset, and with those that adaLN brings.

use burn::nn::LayerNorm;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

use super::fused;

/// Added to the variance.
pub(super) const EPSILON: f64 = 1e-6;

/// `(x − mean) / sqrt(var + 1e-6)` over the last axis (Ba et al. 2016).
pub fn layer_norm<B: Backend, const D: usize>(x: Tensor<B, D>) -> Tensor<B, D> {
    let centred = x.clone() - x.mean_dim(D - 1);
    let variance = (centred.clone() * centred.clone()).mean_dim(D - 1);
    centred * (variance + EPSILON).sqrt().recip()
}

/// `layer_norm(x) (1 + scale) + shift` for `x: [batch, F, tokens, D]`, scale and shift
/// `[batch, F, 1, D]`, whose precision the result has.
pub fn modulate<B: Backend>(
    x: Tensor<B, 4>,
    shift: Tensor<B, 4>,
    scale: Tensor<B, 4>,
) -> Tensor<B, 4> {
    match fused::modulate(&x, &shift, &scale) {
        Some(y) => y,
        None => layer_norm(x).cast(scale.dtype()) * (scale + 1.0) + shift,
    }
}

/// `stream + branch · gate`, stream and branch `[batch, F, tokens, D]`, the gate `[batch, F, 1, D]`; at
/// the stream's precision.
pub fn add_gated<B: Backend>(
    stream: Tensor<B, 4>,
    branch: Tensor<B, 4>,
    gate: Tensor<B, 4>,
) -> Tensor<B, 4> {
    let precision = stream.dtype();
    match fused::add_gated(&stream, &branch, &gate) {
        Some(y) => y,
        None => stream + (branch * gate).cast(precision),
    }
}

/// `x: [..., D]` through a layer with an epsilon of 1e-6.
pub fn norm<B: Backend, const D: usize>(layer: &LayerNorm<B>, x: Tensor<B, D>) -> Tensor<B, D> {
    match fused::norm(layer, &x) {
        Some(y) => y,
        None => layer.forward(x),
    }
}
