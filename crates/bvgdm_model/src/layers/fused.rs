//! Sub-layers as one operation with one gradient, where the engine has kernels for them.
//!
//! Every function gives `None` where it has not, and the caller's plain tensor operations, which
//! define the result, do the work. burn-flex without gradients is one of those engines: it is what
//! every other is compared with.

#[cfg(any(feature = "flex", feature = "tch"))]
mod operation;

#[cfg(feature = "flex")]
mod flex;
#[cfg(not(all(feature = "flex", feature = "tch")))]
mod none;
#[cfg(feature = "tch")]
mod torch;

#[cfg(not(feature = "flex"))]
use none as flex;
#[cfg(not(feature = "tch"))]
use none as torch;

use burn::nn::LayerNorm;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::Gelu;

use super::Rope;

/// Which axis of `[batch, F, N, D]` an attention mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// The `N` places of one frame.
    Places,
    /// The `F` frames at one place.
    Frames,
}

/// See the caller, [`linear`](super::linear): `x: [rows, inputs]`, `weight: [inputs, outputs]`.
pub fn linear<B: Backend>(
    x: &Tensor<B, 2>,
    weight: &Tensor<B, 2>,
    bias: Option<&Tensor<B, 1>>,
) -> Option<Tensor<B, 2>> {
    flex::linear(x, weight, bias)
}

/// See the caller, [`Mlp`](super::Mlp).
pub fn gelu<B: Backend, const D: usize>(x: &Tensor<B, D>, form: Gelu) -> Option<Tensor<B, D>> {
    flex::gelu(x, form)
}

/// See the caller, [`modulate`](super::modulate).
pub fn modulate<B: Backend>(
    x: &Tensor<B, 4>,
    shift: &Tensor<B, 4>,
    scale: &Tensor<B, 4>,
) -> Option<Tensor<B, 4>> {
    flex::modulate(x, shift, scale).or_else(|| torch::modulate(x, shift, scale))
}

/// See the caller, [`add_gated`](super::add_gated).
pub fn add_gated<B: Backend>(
    stream: &Tensor<B, 4>,
    branch: &Tensor<B, 4>,
    gate: &Tensor<B, 4>,
) -> Option<Tensor<B, 4>> {
    flex::add_gated(stream, branch, gate)
}

/// See the caller, [`norm`](super::norm).
pub fn norm<B: Backend, const D: usize>(
    layer: &LayerNorm<B>,
    x: &Tensor<B, D>,
) -> Option<Tensor<B, D>> {
    flex::norm(layer, x).or_else(|| torch::norm(layer, x))
}

/// See the callers in [`Attention`](super::Attention).
pub fn attention<B: Backend>(
    qkv: &Tensor<B, 4>,
    rope: &Rope<B>,
    bias: Option<&Tensor<B, 4>>,
    heads: usize,
    along: Along,
) -> Option<Tensor<B, 4>> {
    flex::attention(qkv, rope, bias, heads, along)
        .or_else(|| torch::attention(qkv, rope, bias, heads, along))
}

#[cfg_attr(
    not(any(feature = "flex", feature = "tch")),
    expect(dead_code, reason = "no engine")
)]
fn primitive<B: Backend, const D: usize>(x: &Tensor<B, D>) -> B::FloatTensorPrimitive {
    x.clone().into_primitive().tensor()
}
