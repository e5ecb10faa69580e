//! One block of the ViT-VAE.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{Gelu, TransformerConfig};

use crate::layers::{Attention, Mlp, Rope, norm};

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
        let new_norm = || LayerNormConfig::new(width).with_epsilon(1e-6).init(device);
        Self {
            norm1: new_norm(),
            attn: Attention::new(width, config.heads, true, device),
            norm2: new_norm(),
            mlp: Mlp::new(width, (width as f64 * ratio) as usize, gelu, device),
        }
    }

    /// `x: [F, tokens, width]`.
    pub fn forward(&self, x: Tensor<B, 3>, rope: &Rope<B>) -> Tensor<B, 3> {
        let one = norm(&self.norm1, x.clone()).unsqueeze_dim(0);
        let x = x + self.attn.over_places(one, rope).squeeze_dim(0);
        let mixed = self.mlp.forward(norm(&self.norm2, x.clone()));
        x + mixed
    }
}
