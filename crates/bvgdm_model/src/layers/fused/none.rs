//! Builds without an engine that has such kernels.

#![cfg_attr(
    feature = "flex",
    expect(
        dead_code,
        reason = "LibTorch, which this stands for, has fewer than burn-flex"
    )
)]

use burn::nn::LayerNorm;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::Gelu;

use super::Along;
use crate::layers::Rope;

/// See the caller, [`linear`](crate::layers::linear).
pub fn linear<B: Backend>(
    _x: &Tensor<B, 2>,
    _weight: &Tensor<B, 2>,
    _bias: Option<&Tensor<B, 1>>,
) -> Option<Tensor<B, 2>> {
    None
}

/// See the caller, [`Mlp`](crate::layers::Mlp).
pub fn gelu<B: Backend, const D: usize>(_x: &Tensor<B, D>, _form: Gelu) -> Option<Tensor<B, D>> {
    None
}

/// See the caller, [`modulate`](crate::layers::modulate).
pub fn modulate<B: Backend>(
    _x: &Tensor<B, 4>,
    _shift: &Tensor<B, 4>,
    _scale: &Tensor<B, 4>,
) -> Option<Tensor<B, 4>> {
    None
}

/// See the caller, [`add_gated`](crate::layers::add_gated).
pub fn add_gated<B: Backend>(
    _stream: &Tensor<B, 4>,
    _branch: &Tensor<B, 4>,
    _gate: &Tensor<B, 4>,
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
