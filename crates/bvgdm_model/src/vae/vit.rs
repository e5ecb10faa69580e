//! The ViT-VAE: linear patches and transformer blocks, no convolution, fast on every engine.

mod block;

pub use block::VitBlock;

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{TransformerConfig, VaeConfig, VitConfig};

use super::Posterior;
use crate::layers::{self, ChannelOrder, Rope, linear, patchify, unpatchify};

/// Linear patches and transformer blocks, architecture as Oasis' `vit-l-20`.
#[derive(Module, Debug)]
pub struct VitVae<B: Backend> {
    /// Pixels of a patch to a token.
    pub patch_embed: Linear<B>,
    /// Encoder blocks.
    pub encoder: Vec<VitBlock<B>>,
    /// Norm after the encoder.
    pub enc_norm: LayerNorm<B>,
    /// Token to mean and log-variance.
    pub quant: Linear<B>,
    /// Latent to token.
    pub post_quant: Linear<B>,
    /// Decoder blocks.
    pub decoder: Vec<VitBlock<B>>,
    /// Norm after the decoder.
    pub dec_norm: LayerNorm<B>,
    /// Token to the pixels of a patch.
    pub predictor: Linear<B>,
    #[module(skip)]
    pub(super) config: VaeConfig,
    #[module(skip)]
    net: VitConfig,
}

impl<B: Backend> VitVae<B> {
    /// New weights for pictures and latents of `config` and the sizes `net`.
    pub fn new(config: &VaeConfig, net: &VitConfig, device: &B::Device) -> Self {
        let pixels = 3 * net.patch * net.patch;
        let (enc, dec) = (&net.encoder, &net.decoder);
        let blocks = |stack: &TransformerConfig| {
            (0..stack.depth)
                .map(|_| VitBlock::new(stack, net.mlp_ratio, net.gelu, device))
                .collect()
        };
        let norm = |width| LayerNormConfig::new(width).with_epsilon(1e-6).init(device);
        Self {
            patch_embed: LinearConfig::new(pixels, enc.width).init(device),
            encoder: blocks(enc),
            enc_norm: norm(enc.width),
            quant: LinearConfig::new(enc.width, 2 * config.channels).init(device),
            post_quant: LinearConfig::new(config.channels, dec.width).init(device),
            decoder: blocks(dec),
            dec_norm: norm(dec.width),
            predictor: LinearConfig::new(dec.width, pixels).init(device),
            config: config.clone(),
            net: net.clone(),
        }
    }

    /// `[F, 3, height, width]` in [0, 1] to the Gaussian of their latents.
    pub(super) fn posterior(&self, pixels: Tensor<B, 4>) -> Posterior<B> {
        let rope = self.rope(&self.net.encoder, &pixels.device());
        let patches = patchify(pixels * 2.0 - 1.0, self.net.patch);
        let mut x = linear(&self.patch_embed, patches);
        for block in &self.encoder {
            x = block.forward(x, &rope);
        }
        let moments = linear(&self.quant, layers::norm(&self.enc_norm, x));
        let c = self.config.channels;
        Posterior {
            mean: self.grid(moments.clone().narrow(2, 0, c)),
            logvar: self.grid(moments.narrow(2, c, c)).clamp(-30.0, 20.0),
        }
    }

    /// Latents `[F, channels, rows, columns]` to `[F, 3, height, width]`.
    pub(super) fn decode(&self, latent: Tensor<B, 4>) -> Tensor<B, 4> {
        let rope = self.rope(&self.net.decoder, &latent.device());
        let [frames, channels, rows, columns] = latent.dims();
        let tokens = latent
            .reshape([frames, channels, rows * columns])
            .swap_dims(1, 2);
        let mut x = linear(&self.post_quant, tokens);
        for block in &self.decoder {
            x = block.forward(x, &rope);
        }
        let pixels = linear(&self.predictor, layers::norm(&self.dec_norm, x));
        let grid = [rows, columns];
        (unpatchify(pixels, grid, self.net.patch, ChannelOrder::Outermost) + 1.0) * 0.5
    }

    fn rope(&self, stack: &TransformerConfig, device: &B::Device) -> Rope<B> {
        let [_, rows, columns] = self.config.latent_shape();
        let (dims, freq) = (stack.rope_dims, self.net.rope_max_freq);
        Rope::axial([rows, columns], stack.head_dim(), dims, freq, device)
    }

    /// `[F, tokens, C]` to `[F, C, rows, columns]`.
    fn grid(&self, tokens: Tensor<B, 3>) -> Tensor<B, 4> {
        let [_, rows, columns] = self.config.latent_shape();
        let [frames, _, channels] = tokens.dims();
        tokens
            .swap_dims(1, 2)
            .reshape([frames, channels, rows, columns])
    }
}
