//! Pictures to latents and back: a ViT, or one of the two convolutional VAEs of latent diffusion.

mod kl;
mod tiny;
mod vit;

pub use kl::{KlAttention, KlDecoder, KlEncoder, KlMiddle, KlResidual, KlStage, KlVae};
pub use tiny::{TinyBlock, TinyCoder, TinyStage, TinyVae};
pub use vit::{VitBlock, VitVae};

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{VaeConfig, VaeNetwork};

/// A variational autoencoder (Kingma and Welling 2014) of whatever network its configuration names.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of them, and a module cannot be boxed"
)]
pub enum Vae<B: Backend> {
    /// Linear patches and transformer blocks.
    Vit(VitVae<B>),
    /// The VAE of latent diffusion.
    Kl(KlVae<B>),
    /// Its small stand-in.
    Tiny(TinyVae<B>),
}

/// The encoder's Gaussian, each `[F, channels, rows, columns]`, not scaled.
pub struct Posterior<B: Backend> {
    /// Mean.
    pub mean: Tensor<B, 4>,
    /// Logarithm of the variance, within [-30, 20].
    pub logvar: Tensor<B, 4>,
}

impl<B: Backend> Vae<B> {
    /// New weights.
    pub fn new(config: &VaeConfig, device: &B::Device) -> Self {
        match &config.network {
            VaeNetwork::Vit(net) => Self::Vit(VitVae::new(config, net, device)),
            VaeNetwork::Kl(net) => Self::Kl(KlVae::new(config, net, device)),
            VaeNetwork::Tiny(net) => Self::Tiny(TinyVae::new(config, net, device)),
        }
    }

    /// Sizes.
    pub fn config(&self) -> &VaeConfig {
        match self {
            Self::Vit(vae) => &vae.config,
            Self::Kl(vae) => &vae.config,
            Self::Tiny(vae) => &vae.config,
        }
    }

    /// Multiplies latents so that they have about unit variance; measured after training.
    pub fn set_latent_scale(&mut self, scale: f64) {
        let config = match self {
            Self::Vit(vae) => &mut vae.config,
            Self::Kl(vae) => &mut vae.config,
            Self::Tiny(vae) => &mut vae.config,
        };
        config.latent_scale = scale;
    }

    /// Pictures `[F, 3, height, width]` in [0, 1] to the Gaussian of their latents. A VAE without a
    /// variance has the smallest.
    pub fn posterior(&self, pixels: Tensor<B, 4>) -> Posterior<B> {
        match self {
            Self::Vit(vae) => vae.posterior(pixels),
            Self::Kl(vae) => vae.posterior(pixels),
            Self::Tiny(vae) => vae.posterior(pixels),
        }
    }

    /// Pictures `[F, 3, height, width]` in [0, 1] to latents `[F, channels, rows, columns]`: the
    /// mean, shifted and scaled.
    pub fn encode(&self, pixels: Tensor<B, 4>) -> Tensor<B, 4> {
        let config = self.config();
        let mean = self.posterior(pixels).mean;
        let mean = match config.latent_shift {
            0.0 => mean,
            shift => mean - shift,
        };
        mean * config.latent_scale
    }

    /// Scaled latents `[F, channels, rows, columns]` to pictures `[F, 3, height, width]`, about in
    /// [0, 1] (not clamped).
    pub fn decode(&self, latent: Tensor<B, 4>) -> Tensor<B, 4> {
        let config = self.config();
        let latent = latent / config.latent_scale;
        self.decode_unscaled(match config.latent_shift {
            0.0 => latent,
            shift => latent + shift,
        })
    }

    /// As [`decode`](Self::decode), for latents as the posterior has them.
    pub fn decode_unscaled(&self, latent: Tensor<B, 4>) -> Tensor<B, 4> {
        match self {
            Self::Vit(vae) => vae.decode(latent),
            Self::Kl(vae) => vae.decode(latent),
            Self::Tiny(vae) => vae.decode(latent),
        }
    }
}
