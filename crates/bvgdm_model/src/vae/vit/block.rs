//! One block of the ViT-VAE.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{Gelu, TransformerConfig};

use crate::layers::{Attention, Heads, Mlp, Rope};

/// Pre-norm attention over one frame's tokens and MLP (Dosovitskiy et al. 2021).
#[derive(Module, Debug)]
pub struct VitBlock<B: Backend> {
    /// Before the attention.
    pub norm1: LayerNorm<B>,
    /// Over the tokens of one frame.
    pub attn: Attention<B>,
    /// Before the MLP.
    pub norm2: LayerNorm<B>,
    /// Channel mixing.
    pub mlp: Mlp<B>,
}

impl<B: Backend> VitBlock<B> {
    /// New weights.
    pub fn new(config: &TransformerConfig, ratio: f64, gelu: Gelu, device: &B::Device) -> Self {
        let width = config.width;
        let norm = || LayerNormConfig::new(width).with_epsilon(1e-6).init(device);
        Self {
            norm1: norm(),
            attn: Attention::new(width, config.heads, true, device),
            norm2: norm(),
            mlp: Mlp::new(width, (width as f64 * ratio) as usize, gelu, device),
        }
    }

    /// `x: [F, tokens, width]`.
    pub fn forward(&self, x: Tensor<B, 3>, rope: &Rope<B>) -> Tensor<B, 3> {
        let heads = self
            .attn
            .heads_along_sequence(self.norm1.forward(x.clone()));
        let heads = Heads {
            q: rope.rotate(heads.q),
            k: rope.rotate(heads.k),
            v: heads.v,
        };
        let x = x + self.attn.attend(heads);
        let mixed = self.mlp.forward(self.norm2.forward(x.clone()));
        x + mixed
    }
}
