//! The sizes of the convolutional VAEs.

use serde::{Deserialize, Serialize};

use crate::error::{CoreError, Result, check_range};

/// No convolutional VAE has more stages: each but one halves the picture.
const MAX_STAGES: usize = 8;

/// diffusers' `AutoencoderKL` with its plain blocks (the VAE of Stable Diffusion).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KlConfig {
    /// Channels of each stage, from the picture inwards (`block_out_channels`).
    pub widths: Vec<usize>,
    /// Residual blocks of an encoder's stage; a decoder's has one more.
    pub layers: usize,
    /// Groups of every group norm; they divide all widths.
    pub norm_groups: usize,
    /// Whether there is an attention in the middle.
    pub mid_attention: bool,
    /// Whether a 1 × 1 convolution follows the encoder (`use_quant_conv`).
    pub quant: bool,
    /// Whether a 1 × 1 convolution precedes the decoder (`use_post_quant_conv`).
    pub post_quant: bool,
}

/// diffusers' `AutoencoderTiny` (TAESD).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TinyConfig {
    /// Channels of every stage of the encoder.
    pub encoder_width: usize,
    /// Channels of every stage of the decoder.
    pub decoder_width: usize,
    /// Residual blocks of each of the encoder's stages, from the picture inwards.
    pub encoder_blocks: Vec<usize>,
    /// Residual blocks of each of the decoder's stages, from the latent outwards.
    pub decoder_blocks: Vec<usize>,
}

impl KlConfig {
    /// Pixels a side of one cell of the latent.
    pub fn factor(&self) -> usize {
        factor(self.widths.len())
    }

    /// Channels of the innermost stage.
    pub fn inner(&self) -> usize {
        self.widths.last().copied().unwrap_or(1)
    }

    pub(super) fn validate(&self) -> Result<()> {
        check_range(
            "vae.network.(count of widths)",
            self.widths.len(),
            1,
            MAX_STAGES,
        )?;
        check_range("vae.network.layers", self.layers, 1, 16)?;
        check_range("vae.network.norm_groups", self.norm_groups, 1, 256)?;
        for (i, &width) in self.widths.iter().enumerate() {
            let field = format!("vae.network.widths[{i}]");
            check_range(&field, width, 1, 4096)?;
            if !width.is_multiple_of(self.norm_groups) {
                let expected = format!("a multiple of the {} groups", self.norm_groups);
                return Err(CoreError::invalid(field, expected, width));
            }
        }
        Ok(())
    }
}

impl TinyConfig {
    /// Pixels a side of one cell of the latent.
    pub fn factor(&self) -> usize {
        factor(self.encoder_blocks.len())
    }

    pub(super) fn validate(&self) -> Result<()> {
        check_range("vae.network.encoder_width", self.encoder_width, 1, 4096)?;
        check_range("vae.network.decoder_width", self.decoder_width, 1, 4096)?;
        let stages = self.encoder_blocks.len();
        check_range(
            "vae.network.(count of encoder_blocks)",
            stages,
            1,
            MAX_STAGES,
        )?;
        if self.decoder_blocks.len() != stages {
            return Err(CoreError::invalid(
                "vae.network.(count of decoder_blocks)",
                format!("as many as encoder_blocks, {stages}"),
                self.decoder_blocks.len(),
            ));
        }
        for (name, blocks) in [
            ("encoder_blocks", &self.encoder_blocks),
            ("decoder_blocks", &self.decoder_blocks),
        ] {
            for (i, &count) in blocks.iter().enumerate() {
                check_range(&format!("vae.network.{name}[{i}]"), count, 0, 64)?;
            }
        }
        Ok(())
    }
}

fn factor(stages: usize) -> usize {
    1 << stages.clamp(1, MAX_STAGES).saturating_sub(1)
}
