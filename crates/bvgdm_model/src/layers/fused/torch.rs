//! LibTorch's own kernels.

mod attend;
mod kernel;
mod norms;
mod scores;

use burn::nn::LayerNorm;
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorPrimitive};

use super::Along;
use crate::layers::Rope;
use attend::Attend;
use kernel::{apply, plain};
use norms::{Modulate, Norm};

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
        Some(bias) => Some(plain::<B>(&primitive(bias))?),
        None => None,
    };
    let (cos, sin) = (plain::<B>(&primitive(cos))?, plain::<B>(&primitive(sin))?);
    apply(
        Attend::new(&cos, &sin, bias, heads, along),
        [primitive(qkv)],
    )
}

fn primitive<B: Backend, const D: usize>(x: &Tensor<B, D>) -> B::FloatTensorPrimitive {
    x.clone().into_primitive().tensor()
}

fn tensor<B: Backend, const D: usize>(primitive: B::FloatTensorPrimitive) -> Tensor<B, D> {
    Tensor::from_primitive(TensorPrimitive::Float(primitive))
}
