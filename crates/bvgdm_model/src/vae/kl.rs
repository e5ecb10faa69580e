//! The convolutional VAE of latent diffusion (Rombach et al. 2022), as diffusers' `AutoencoderKL`.

mod coder;
mod middle;
mod residual;

pub use coder::{KlDecoder, KlEncoder, KlStage};
pub use middle::{KlAttention, KlMiddle};
pub use residual::KlResidual;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{KlConfig, VaeConfig};

use super::Posterior;
use crate::layers::conv1;

/// Residual blocks and group norms, with one attention in the middle; names as in its files.
#[derive(Module, Debug)]
pub struct KlVae<B: Backend> {
    /// Pixels to moments.
    pub encoder: KlEncoder<B>,
    /// Mixes the moments.
    pub quant_conv: Option<Conv2d<B>>,
    /// Mixes the latent.
    pub post_quant_conv: Option<Conv2d<B>>,
    /// Latent to pixels.
    pub decoder: KlDecoder<B>,
    #[module(skip)]
    pub(super) config: VaeConfig,
}

impl<B: Backend> KlVae<B> {
    /// New weights for pictures and latents of `config` and the sizes `net`.
    pub fn new(config: &VaeConfig, net: &KlConfig, device: &B::Device) -> Self {
        let c = config.channels;
        Self {
            encoder: KlEncoder::new(c, net, device),
            quant_conv: net.quant.then(|| conv1(2 * c, 2 * c, device)),
            post_quant_conv: net.post_quant.then(|| conv1(c, c, device)),
            decoder: KlDecoder::new(c, net, device),
            config: config.clone(),
        }
    }

    /// `[F, 3, height, width]` in [0, 1] to the Gaussian of their latents.
    pub(super) fn posterior(&self, pixels: Tensor<B, 4>) -> Posterior<B> {
        let moments = self.encoder.forward(pixels * 2.0 - 1.0);
        let moments = match &self.quant_conv {
            Some(conv) => conv.forward(moments),
            None => moments,
        };
        let c = self.config.channels;
        Posterior {
            mean: moments.clone().narrow(1, 0, c),
            logvar: moments.narrow(1, c, c).clamp(-30.0, 20.0),
        }
    }

    /// Latents `[F, channels, rows, columns]` to `[F, 3, height, width]`.
    pub(super) fn decode(&self, latent: Tensor<B, 4>) -> Tensor<B, 4> {
        let latent = match &self.post_quant_conv {
            Some(conv) => conv.forward(latent),
            None => latent,
        };
        (self.decoder.forward(latent) + 1.0) * 0.5
    }
}
