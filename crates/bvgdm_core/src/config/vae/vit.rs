//! The sizes of a ViT-VAE.

use serde::{Deserialize, Serialize};

use crate::config::Gelu;
use crate::error::{CoreError, Result, check_range};

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
    /// Rotated channels of a head for each of the two axes (even; twice this at most the head).
    pub rope_dims: usize,
}

/// Linear patches and transformer blocks, as Oasis' `vit-l-20`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VitConfig {
    /// Pixels a side of the square that becomes one token.
    pub patch: usize,
    /// From pixels to the latent's mean and log-variance.
    pub encoder: TransformerConfig,
    /// From the latent to pixels.
    pub decoder: TransformerConfig,
    /// Width of an MLP in widths of its token.
    pub mlp_ratio: f64,
    /// Form of the MLPs' GELU.
    pub gelu: Gelu,
    /// The rotary positions' highest frequency, in half turns over the picture's width.
    pub rope_max_freq: f64,
}

impl TransformerConfig {
    /// Channels of one head.
    pub fn head_dim(&self) -> usize {
        self.width / self.heads.max(1)
    }

    fn validate(&self, field: &str) -> Result<()> {
        check_range(&format!("{field}.width"), self.width, 1, 8192)?;
        check_range(&format!("{field}.depth"), self.depth, 1, 128)?;
        check_range(&format!("{field}.heads"), self.heads, 1, 128)?;
        // The rotary positions take the channels of a head in pairs.
        if !self.width.is_multiple_of(self.heads) || !self.head_dim().is_multiple_of(2) {
            let expected = format!("a divisor of {} that leaves even heads", self.width);
            return Err(CoreError::invalid(
                format!("{field}.heads"),
                expected,
                self.heads,
            ));
        }
        if !self.rope_dims.is_multiple_of(2) || self.rope_dims > self.head_dim() / 2 {
            return Err(CoreError::invalid(
                format!("{field}.rope_dims"),
                format!("even, at most {} (half a head)", self.head_dim() / 2),
                self.rope_dims,
            ));
        }
        Ok(())
    }
}

impl VitConfig {
    pub(super) fn validate(&self) -> Result<()> {
        check_range("vae.network.patch", self.patch, 1, 64)?;
        check_range("vae.network.mlp_ratio", self.mlp_ratio, 0.25, 16.0)?;
        check_range("vae.network.rope_max_freq", self.rope_max_freq, 2.0, 1e6)?;
        self.encoder.validate("vae.network.encoder")?;
        self.decoder.validate("vae.network.decoder")
    }
}
