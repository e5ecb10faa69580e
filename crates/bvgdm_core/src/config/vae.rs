//! The ViT-VAE's sizes.

use serde::{Deserialize, Serialize};

use super::Gelu;
use crate::error::{CoreError, Result, check_range};
use crate::frame::Frame;

/// A stack of transformer blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransformerConfig {
    /// Channels of a token.
    pub width: usize,
    /// Blocks.
    pub depth: usize,
    /// Heads of every attention; they divide `width`.
    pub heads: usize,
}

/// A variational autoencoder of linear patches and transformer blocks, as Oasis' `vit-l-20`:
/// pictures `[3, height, width]` in [0, 1] to latents
/// `[channels, height / patch, width / patch]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaeConfig {
    /// Pixels a row.
    pub width: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels a side of the square that becomes one token.
    pub patch: usize,
    /// Channels of the latent.
    pub channels: usize,
    /// From pixels to the latent's mean and log-variance.
    pub encoder: TransformerConfig,
    /// From the latent to pixels.
    pub decoder: TransformerConfig,
    /// Width of an MLP in widths of its token.
    pub mlp_ratio: f64,
    /// Form of the MLPs' GELU.
    pub gelu: Gelu,
    /// Rotated channels of a head for each of the two axes (even; twice this at most the head).
    pub rope_dims: usize,
    /// The rotary positions' highest frequency, in half turns over the picture's width.
    pub rope_max_freq: f64,
    /// Multiplies the mean, so that latents have about unit variance (Rombach et al. 2022, §D.1).
    pub latent_scale: f64,
}

impl TransformerConfig {
    /// Channels of one head.
    pub fn head_dim(&self) -> usize {
        self.width / self.heads.max(1)
    }

    pub(crate) fn validate(&self, field: &str) -> Result<()> {
        check_range(&format!("{field}.width"), self.width, 1, 8192)?;
        check_range(&format!("{field}.depth"), self.depth, 1, 128)?;
        check_range(&format!("{field}.heads"), self.heads, 1, 128)?;
        if !self.width.is_multiple_of(self.heads) {
            return Err(CoreError::invalid(
                format!("{field}.heads"),
                format!("a divisor of the width {}", self.width),
                self.heads,
            ));
        }
        Ok(())
    }
}

impl VaeConfig {
    /// `[channels, rows, columns]` of a frame's latent.
    pub fn latent_shape(&self) -> [usize; 3] {
        let patch = self.patch.max(1);
        [self.channels, self.height / patch, self.width / patch]
    }

    /// Tokens of a frame.
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
        check_range("vae.patch", self.patch, 1, 64)?;
        check_range("vae.channels", self.channels, 1, 256)?;
        for (name, side) in [("vae.width", self.width), ("vae.height", self.height)] {
            if !side.is_multiple_of(self.patch) {
                let expected = format!("a multiple of the patch {}", self.patch);
                return Err(CoreError::invalid(name, expected, side));
            }
        }
        check_range("vae.(tokens of a frame)", self.tokens(), 1, 16384)?;
        self.encoder.validate("vae.encoder")?;
        self.decoder.validate("vae.decoder")?;
        check_range("vae.mlp_ratio", self.mlp_ratio, 0.25, 16.0)?;
        check_range("vae.rope_max_freq", self.rope_max_freq, 2.0, 1e5)?;
        check_range("vae.latent_scale", self.latent_scale, 1e-6, 1e6)?;
        let head = self.encoder.head_dim().min(self.decoder.head_dim());
        if !self.rope_dims.is_multiple_of(2) || self.rope_dims > head / 2 {
            return Err(CoreError::invalid(
                "vae.rope_dims",
                format!("even, at most {} (half a head)", head / 2),
                self.rope_dims,
            ));
        }
        Ok(())
    }
}
