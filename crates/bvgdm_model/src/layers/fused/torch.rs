//! LibTorch's own kernels.

mod attend;
mod norms;
mod scores;

use burn::nn::LayerNorm;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use burn_tch::LibTorch;

use super::operation::{Operation, plain, with_gradient, without_gradient};
use super::{Along, primitive};
use crate::layers::Rope;
use attend::Attend;
use norms::{Modulate, Norm};

type Torch = LibTorch<f32>;

/// See the caller, [`modulate`](crate::layers::modulate).
pub fn modulate<B: Backend>(
    x: &Tensor<B, 4>,
    shift: &Tensor<B, 4>,
    scale: &Tensor<B, 4>,
) -> Option<Tensor<B, 4>> {
    apply(Modulate, [primitive(x), primitive(shift), primitive(scale)])
}

/// See the caller, [`norm`](crate::layers::norm).
pub fn norm<B: Backend, const D: usize>(
    layer: &LayerNorm<B>,
    x: &Tensor<B, D>,
) -> Option<Tensor<B, D>> {
    let gain = primitive(&layer.gamma.val());
    let offset = primitive(&layer.beta.as_ref()?.val());
    apply(Norm, [primitive(x), gain, offset])
}

/// See the callers in [`Attention`](crate::layers::Attention).
pub fn attention<B: Backend>(
    qkv: &Tensor<B, 4>,
    rope: &Rope<B>,
    bias: Option<&Tensor<B, 4>>,
    heads: usize,
    along: Along,
) -> Option<Tensor<B, 4>> {
    let [cos, sin] = rope.tables();
    let bias = match bias {
        Some(bias) => Some(plain::<B, Torch>(&primitive(bias))?),
        None => None,
    };
    let (cos, sin) = (
        plain::<B, Torch>(&primitive(cos))?,
        plain::<B, Torch>(&primitive(sin))?,
    );
    apply(
        Attend::new(&cos, &sin, bias, heads, along),
        [primitive(qkv)],
    )
}

/// `operation` of `inputs`, if `B` is LibTorch, with gradients or without.
fn apply<B: Backend, O: Operation<Torch, N>, const N: usize, const D: usize>(
    operation: O,
    inputs: [B::FloatTensorPrimitive; N],
) -> Option<Tensor<B, D>> {
    without_gradient::<B, Torch, O, N, D>(&operation, &inputs)
        .or_else(|| with_gradient::<B, Torch, O, N, D>(operation, &inputs))
}
