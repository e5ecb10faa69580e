//! Builds without an engine that has such kernels.

use burn::nn::LayerNorm;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

use super::Along;
use crate::layers::Rope;

/// See the caller, [`modulate`](crate::layers::modulate).
pub fn modulate<B: Backend>(
    _x: &Tensor<B, 4>,
    _shift: &Tensor<B, 4>,
    _scale: &Tensor<B, 4>,
) -> Option<Tensor<B, 4>> {
    None
}

/// See the caller, [`norm`](crate::layers::norm).
pub fn norm<B: Backend, const D: usize>(
    _layer: &LayerNorm<B>,
    _x: &Tensor<B, D>,
) -> Option<Tensor<B, D>> {
    None
}

/// See the callers in [`Attention`](crate::layers::Attention).
pub fn attention<B: Backend>(
    _qkv: &Tensor<B, 4>,
    _rope: &Rope<B>,
    _bias: Option<&Tensor<B, 4>>,
    _heads: usize,
    _along: Along,
) -> Option<Tensor<B, 4>> {
    None
}
