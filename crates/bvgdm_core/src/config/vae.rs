//! The VAE's sizes.

mod conv;
mod vit;

pub use conv::{KlConfig, TinyConfig};
pub use vit::{TransformerConfig, VitConfig};

use serde::{Deserialize, Serialize};

use crate::error::{CoreError, Result, check_range};
use crate::frame::Frame;

/// A variational autoencoder (Kingma and Welling 2014): pictures `[3, height, width]` in [0, 1] to
/// latents `[channels, height / factor, width / factor]` and back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaeConfig {
    /// Pixels a row.
    pub width: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Channels of the latent.
    pub channels: usize,
    /// Multiplies the mean, less [`latent_shift`](Self::latent_shift), so that latents have about
    /// unit variance (Rombach et al. 2022, §D.1).
    pub latent_scale: f64,
    /// Is taken from the mean before it is scaled.
    #[serde(default)]
    pub latent_shift: f64,
    /// Which network it is, and that network's sizes.
    pub network: VaeNetwork,
}

/// The kind of network of a VAE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum VaeNetwork {
    /// Linear patches and transformer blocks, as Oasis' `vit-l-20`.
    Vit(VitConfig),
    /// The convolutional VAE of latent diffusion (Rombach et al. 2022): diffusers' `AutoencoderKL`.
    Kl(KlConfig),
    /// Its distilled, much smaller stand-in without a variance, TAESD: diffusers'
    /// `AutoencoderTiny`.
    Tiny(TinyConfig),
}

impl VaeNetwork {
    /// Pixels a side of the square that becomes one cell of the latent.
    pub fn factor(&self) -> usize {
        match self {
            Self::Vit(vit) => vit.patch.max(1),
            Self::Kl(kl) => kl.factor(),
            Self::Tiny(tiny) => tiny.factor(),
        }
    }

    /// What a person calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Vit(_) => "ViT-VAE",
            Self::Kl(_) => "convolutional VAE (AutoencoderKL)",
            Self::Tiny(_) => "TAESD (AutoencoderTiny)",
        }
    }
}

impl VaeConfig {
    /// `[channels, rows, columns]` of a frame's latent.
    pub fn latent_shape(&self) -> [usize; 3] {
        let factor = self.network.factor();
        [self.channels, self.height / factor, self.width / factor]
    }

    /// Cells of a frame's latent; for a ViT these are its tokens.
    pub fn tokens(&self) -> usize {
        let [_, rows, columns] = self.latent_shape();
        rows * columns
    }

    /// Checks every size and range.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<()> {
        check_range("vae.width", self.width, 1, Frame::MAX_SIDE)?;
        check_range("vae.height", self.height, 1, Frame::MAX_SIDE)?;
        check_range("vae.channels", self.channels, 1, 256)?;
        check_range("vae.latent_scale", self.latent_scale, 1e-6, 1e6)?;
        check_range("vae.latent_shift", self.latent_shift, -1e6, 1e6)?;
        match &self.network {
            VaeNetwork::Vit(vit) => vit.validate()?,
            VaeNetwork::Kl(kl) => kl.validate()?,
            VaeNetwork::Tiny(tiny) => tiny.validate()?,
        }
        let factor = self.network.factor();
        for (name, side) in [("vae.width", self.width), ("vae.height", self.height)] {
            if !side.is_multiple_of(factor) {
                let expected = format!("a multiple of the VAE's {factor} pixels a cell");
                return Err(CoreError::invalid(name, expected, side));
            }
        }
        // An attention over all cells takes memory of their square.
        let most = match &self.network {
            VaeNetwork::Kl(kl) if !kl.mid_attention => 262_144,
            VaeNetwork::Vit(_) | VaeNetwork::Kl(_) => 16_384,
            VaeNetwork::Tiny(_) => 262_144,
        };
        check_range("vae.(cells of a latent)", self.tokens(), 1, most)?;
        self.check_memory()
    }
}
