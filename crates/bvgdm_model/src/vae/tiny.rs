//! TAESD, as diffusers' `AutoencoderTiny`: the latents of a large VAE in a fraction of its time.

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};
use bvgdm_core::{TinyConfig, VaeConfig};

use super::Posterior;
use crate::layers::{conv3, double};

/// The latent is squashed to ± this before it is decoded.
const LATENT_CLAMP: f64 = 3.0;

/// Convolutions and rectifiers; neither norm nor attention.
#[derive(Module, Debug)]
pub struct TinyVae<B: Backend> {
    /// Pixels to latent.
    pub encoder: TinyCoder<B>,
    /// Latent to pixels.
    pub decoder: TinyCoder<B>,
    #[module(skip)]
    pub(super) config: VaeConfig,
}

/// Encoder or decoder.
#[derive(Module, Debug)]
pub struct TinyCoder<B: Backend> {
    /// To the width of the stages.
    pub conv_in: Conv2d<B>,
    /// In the order in which they are run.
    pub stages: Vec<TinyStage<B>>,
    /// From the width of the stages.
    pub conv_out: Conv2d<B>,
}

/// Residual blocks at one size, with the convolution that changes it.
#[derive(Module, Debug)]
pub struct TinyStage<B: Backend> {
    /// Halves the size before the blocks, in an encoder's stages but the first.
    pub down: Option<Conv2d<B>>,
    /// Residual blocks.
    pub blocks: Vec<TinyBlock<B>>,
    /// At twice the size after the blocks, in a decoder's stages but the last.
    pub up: Option<Conv2d<B>>,
}

/// Three convolutions beside the input.
#[derive(Module, Debug)]
pub struct TinyBlock<B: Backend> {
    /// One after the other.
    pub convs: Vec<Conv2d<B>>,
}

impl<B: Backend> TinyVae<B> {
    /// New weights for pictures and latents of `config` and the sizes `net`.
    pub fn new(config: &VaeConfig, net: &TinyConfig, device: &B::Device) -> Self {
        let (enc, dec, c) = (net.encoder_width, net.decoder_width, config.channels);
        let last = net.decoder_blocks.len().saturating_sub(1);
        let encoder = net.encoder_blocks.iter().enumerate().map(|(i, &count)| {
            let down = unbiased(enc, 2);
            TinyStage {
                down: (i > 0).then(|| down.init(device)),
                blocks: blocks(enc, count, device),
                up: None,
            }
        });
        let decoder = net.decoder_blocks.iter().enumerate().map(|(i, &count)| {
            let up = unbiased(dec, 1);
            TinyStage {
                down: None,
                blocks: blocks(dec, count, device),
                up: (i < last).then(|| up.init(device)),
            }
        });
        Self {
            encoder: TinyCoder {
                conv_in: conv3(3, enc, device),
                stages: encoder.collect(),
                conv_out: conv3(enc, c, device),
            },
            decoder: TinyCoder {
                conv_in: conv3(c, dec, device),
                stages: decoder.collect(),
                conv_out: conv3(dec, 3, device),
            },
            config: config.clone(),
        }
    }

    /// `[F, 3, height, width]` in [0, 1], which is the original's own range, to latents.
    pub(super) fn posterior(&self, pixels: Tensor<B, 4>) -> Posterior<B> {
        let x = self.encoder.conv_in.forward(pixels);
        let mean = self.encoder.rest(x);
        Posterior {
            logvar: mean.full_like(-30.0),
            mean,
        }
    }

    /// Latents `[F, channels, rows, columns]` to `[F, 3, height, width]`.
    pub(super) fn decode(&self, latent: Tensor<B, 4>) -> Tensor<B, 4> {
        let latent = (latent / LATENT_CLAMP).tanh() * LATENT_CLAMP;
        let x = activation::relu(self.decoder.conv_in.forward(latent));
        self.decoder.rest(x)
    }
}

impl<B: Backend> TinyCoder<B> {
    /// Everything after the first convolution.
    fn rest(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let mut x = x;
        for stage in &self.stages {
            if let Some(conv) = &stage.down {
                x = conv.forward(x);
            }
            for block in &stage.blocks {
                x = block.forward(x);
            }
            if let Some(conv) = &stage.up {
                x = conv.forward(double(x));
            }
        }
        self.conv_out.forward(x)
    }
}

impl<B: Backend> TinyBlock<B> {
    /// `x: [F, C, H, W]` to the same.
    pub fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let mut hidden = x.clone();
        for (i, conv) in self.convs.iter().enumerate() {
            if i > 0 {
                hidden = activation::relu(hidden);
            }
            hidden = conv.forward(hidden);
        }
        activation::relu(hidden + x)
    }
}

fn blocks<B: Backend>(width: usize, count: usize, device: &B::Device) -> Vec<TinyBlock<B>> {
    let block = |_| TinyBlock {
        convs: (0..3).map(|_| conv3(width, width, device)).collect(),
    };
    (0..count).map(block).collect()
}

/// The convolution that changes the size has no bias.
fn unbiased(width: usize, stride: usize) -> Conv2dConfig {
    Conv2dConfig::new([width, width], [3, 3])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_bias(false)
}
