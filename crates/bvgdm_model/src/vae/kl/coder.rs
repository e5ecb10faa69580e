//! Encoder and decoder: stages of residual blocks, between which the picture's size changes.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{GroupNorm, PaddingConfig2d};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};
use bvgdm_core::KlConfig;

use super::residual::group_norm;
use super::{KlMiddle, KlResidual};
use crate::layers::{conv3, double};

/// Residual blocks at one size, and the way to the next.
#[derive(Module, Debug)]
pub struct KlStage<B: Backend> {
    /// Residual blocks.
    pub resnets: Vec<KlResidual<B>>,
    /// To half the size, in an encoder's stages but the last.
    pub downsampler: Option<Conv2d<B>>,
    /// At twice the size, in a decoder's stages but the last.
    pub upsampler: Option<Conv2d<B>>,
}

/// Pixels to moments.
#[derive(Module, Debug)]
pub struct KlEncoder<B: Backend> {
    /// Pixels to the first stage.
    pub conv_in: Conv2d<B>,
    /// From the picture inwards.
    pub down_blocks: Vec<KlStage<B>>,
    /// The innermost part.
    pub mid_block: KlMiddle<B>,
    /// Before the last convolution.
    pub conv_norm_out: GroupNorm<B>,
    /// To mean and log-variance.
    pub conv_out: Conv2d<B>,
}

/// Latent to pixels.
#[derive(Module, Debug)]
pub struct KlDecoder<B: Backend> {
    /// Latent to the innermost part.
    pub conv_in: Conv2d<B>,
    /// The innermost part.
    pub mid_block: KlMiddle<B>,
    /// From the latent outwards.
    pub up_blocks: Vec<KlStage<B>>,
    /// Before the last convolution.
    pub conv_norm_out: GroupNorm<B>,
    /// To pixels.
    pub conv_out: Conv2d<B>,
}

impl<B: Backend> KlStage<B> {
    fn new(inputs: usize, width: usize, count: usize, groups: usize, device: &B::Device) -> Self {
        let residual = |i| {
            let inputs = if i == 0 { inputs } else { width };
            KlResidual::new(inputs, width, groups, device)
        };
        Self {
            resnets: (0..count).map(residual).collect(),
            downsampler: None,
            upsampler: None,
        }
    }

    /// `[F, C, H, W]` to the stage's width, and to half or twice the size if it says so.
    pub fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let mut x = x;
        for residual in &self.resnets {
            x = residual.forward(x);
        }
        if let Some(conv) = &self.downsampler {
            x = conv.forward(x);
        }
        if let Some(conv) = &self.upsampler {
            x = conv.forward(double(x));
        }
        x
    }
}

impl<B: Backend> KlEncoder<B> {
    /// New weights; the moments have `2 channels`.
    pub fn new(channels: usize, net: &KlConfig, device: &B::Device) -> Self {
        let first = net.widths.first().copied().unwrap_or(1);
        let mut inputs = first;
        let mut stages = Vec::with_capacity(net.widths.len());
        for (i, &width) in net.widths.iter().enumerate() {
            let mut stage = KlStage::new(inputs, width, net.layers, net.norm_groups, device);
            if i + 1 < net.widths.len() {
                // The original pads the right and the lower edge only.
                let half = Conv2dConfig::new([width, width], [3, 3])
                    .with_stride([2, 2])
                    .with_padding(PaddingConfig2d::Explicit(0, 0, 1, 1));
                stage.downsampler = Some(half.init(device));
            }
            stages.push(stage);
            inputs = width;
        }
        Self {
            conv_in: conv3(3, first, device),
            down_blocks: stages,
            mid_block: KlMiddle::new(net, device),
            conv_norm_out: group_norm(net.norm_groups, inputs, device),
            conv_out: conv3(inputs, 2 * channels, device),
        }
    }

    /// `[F, 3, H, W]` in [-1, 1] to moments `[F, 2 channels, rows, columns]`.
    pub fn forward(&self, pixels: Tensor<B, 4>) -> Tensor<B, 4> {
        let mut x = self.conv_in.forward(pixels);
        for stage in &self.down_blocks {
            x = stage.forward(x);
        }
        let x = self.mid_block.forward(x);
        let x = activation::silu(self.conv_norm_out.forward(x));
        self.conv_out.forward(x)
    }
}

impl<B: Backend> KlDecoder<B> {
    /// New weights.
    pub fn new(channels: usize, net: &KlConfig, device: &B::Device) -> Self {
        let mut inputs = net.inner();
        let mut stages = Vec::with_capacity(net.widths.len());
        for (i, &width) in net.widths.iter().enumerate().rev() {
            let mut stage = KlStage::new(inputs, width, net.layers + 1, net.norm_groups, device);
            stage.upsampler = (i > 0).then(|| conv3(width, width, device));
            stages.push(stage);
            inputs = width;
        }
        Self {
            conv_in: conv3(channels, net.inner(), device),
            mid_block: KlMiddle::new(net, device),
            up_blocks: stages,
            conv_norm_out: group_norm(net.norm_groups, inputs, device),
            conv_out: conv3(inputs, 3, device),
        }
    }

    /// `[F, channels, rows, columns]` to `[F, 3, H, W]`, about in [-1, 1].
    pub fn forward(&self, latent: Tensor<B, 4>) -> Tensor<B, 4> {
        let mut x = self.mid_block.forward(self.conv_in.forward(latent));
        for stage in &self.up_blocks {
            x = stage.forward(x);
        }
        let x = activation::silu(self.conv_norm_out.forward(x));
        self.conv_out.forward(x)
    }
}
