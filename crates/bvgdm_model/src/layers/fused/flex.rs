//! Kernels for burn-flex while it trains: what [`bvgdm_kernels`] plays with, and its gradients.
//!
//! Without gradients burn-flex stays as it is, to be compared with. To draw with these kernels, take a
//! module to the engine with gradients and leave them off: `Module::from_inner(module).no_grad()`.

mod attend;
mod dense;
mod gate;
mod gelu;
mod linear;
mod norms;
#[cfg(test)]
mod tests;

use burn::nn::LayerNorm;
use burn::tensor::backend::Backend;
use burn::tensor::{DType, Tensor};
use burn_flex::{Flex, FlexTensor};
use bvgdm_core::Gelu as Form;

use super::operation::{Operation, plain, with_gradient};
use super::{Along, primitive};
use crate::layers::Rope;
use attend::Attend;
use gate::AddGated;
use gelu::Gelu;
use linear::Linear;
use norms::{Modulate, Norm};

/// See the caller, [`linear`](crate::layers::linear).
pub fn linear<B: Backend>(
    x: &Tensor<B, 2>,
    weight: &Tensor<B, 2>,
    bias: Option<&Tensor<B, 1>>,
) -> Option<Tensor<B, 2>> {
    let (x, weight) = (primitive(x), primitive(weight));
    match bias {
        Some(bias) => apply(Linear, [x, weight, primitive(bias)]),
        None => apply(Linear, [x, weight]),
    }
}

/// See the caller, [`Mlp`](crate::layers::Mlp).
pub fn gelu<B: Backend, const D: usize>(x: &Tensor<B, D>, form: Form) -> Option<Tensor<B, D>> {
    apply(Gelu(form), [primitive(x)])
}

/// See the caller, [`modulate`](crate::layers::modulate).
pub fn modulate<B: Backend>(
    x: &Tensor<B, 4>,
    shift: &Tensor<B, 4>,
    scale: &Tensor<B, 4>,
) -> Option<Tensor<B, 4>> {
    apply(Modulate, [primitive(x), primitive(shift), primitive(scale)])
}

/// See the caller, [`add_gated`](crate::layers::add_gated).
pub fn add_gated<B: Backend>(
    stream: &Tensor<B, 4>,
    branch: &Tensor<B, 4>,
    gate: &Tensor<B, 4>,
) -> Option<Tensor<B, 4>> {
    let inputs = [primitive(stream), primitive(branch), primitive(gate)];
    apply(AddGated, inputs)
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
    let table = |x| plain::<B, Flex>(&x);
    let [cos, sin] = rope.tables();
    let bias = match bias {
        Some(bias) => Some(table(primitive(bias))?),
        None => None,
    };
    let tables = [table(primitive(cos))?, table(primitive(sin))?];
    apply(Attend::new(tables, bias, heads, along), [primitive(qkv)])
}

/// `operation` of `inputs`, if they are burn-flex's in f32, with gradients.
fn apply<B: Backend, O: Operation<Flex, N>, const N: usize, const D: usize>(
    operation: O,
    inputs: [B::FloatTensorPrimitive; N],
) -> Option<Tensor<B, D>> {
    let single =
        |input| plain::<B, Flex>(input).is_some_and(|x: FlexTensor| x.dtype() == DType::F32);
    if !inputs.iter().all(single) {
        return None;
    }
    with_gradient::<B, Flex, O, N, D>(operation, &inputs)
}
