//! The two linear layers after an attention.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};
use bvgdm_core::Gelu;

use super::{fused, linear};

/// `fc2(gelu(fc1(x)))`.
#[derive(Module, Debug)]
pub struct Mlp<B: Backend> {
    /// `[D, hidden]`.
    pub fc1: Linear<B>,
    /// `[hidden, D]`.
    pub fc2: Linear<B>,
    erf: bool,
}

impl<B: Backend> Mlp<B> {
    /// New layers.
    pub fn new(width: usize, hidden: usize, gelu: Gelu, device: &B::Device) -> Self {
        Self {
            fc1: LinearConfig::new(width, hidden).init(device),
            fc2: LinearConfig::new(hidden, width).init(device),
            erf: gelu == Gelu::Erf,
        }
    }

    /// `x: [..., D]` to the same shape.
    pub fn forward<const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        let hidden = linear(&self.fc1, x);
        let form = if self.erf { Gelu::Erf } else { Gelu::Tanh };
        let hidden = fused::gelu(&hidden, form).unwrap_or_else(|| match form {
            Gelu::Erf => activation::gelu(hidden),
            Gelu::Tanh => gelu_tanh(hidden),
        });
        linear(&self.fc2, hidden)
    }
}

/// The tanh approximation, as `x σ(2u)`: `(1 + tanh u) / 2 = σ(2u)` saves a pass and the power.
fn gelu_tanh<B: Backend, const D: usize>(x: Tensor<B, D>) -> Tensor<B, D> {
    // 2 sqrt(2 / π)
    const TWICE: f64 = 1.595_769_121_605_730_7;
    let square = x.clone() * x.clone();
    let inner = x.clone() * (square * (0.044_715 * TWICE) + TWICE);
    x * activation::sigmoid(inner)
}
