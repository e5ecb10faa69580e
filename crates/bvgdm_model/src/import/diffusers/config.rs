//! diffusers' `config.json`.

use std::path::Path;

use bvgdm_core::{CoreError, KlConfig, TinyConfig, VaeConfig, VaeNetwork};

use crate::error::Result;
use crate::import::json::Json;

/// The configuration of an `AutoencoderKL` or `AutoencoderTiny` for pictures of `[width, height]`
/// pixels.
///
/// # Errors
/// Names the field that is missing, of a wrong type, out of range, or of a kind that this network
/// does not have.
pub fn diffusers_config(path: &Path, size: [usize; 2]) -> Result<VaeConfig> {
    Ok(parse(&Json::read(path)?, size)?)
}

/// The same of a file's content; `file` stands in errors.
///
/// # Errors
/// As [`diffusers_config`].
pub fn parse_diffusers_config(file: &Path, bytes: &[u8], size: [usize; 2]) -> Result<VaeConfig> {
    Ok(parse(&Json::parse(file, bytes)?, size)?)
}

fn parse(json: &Json, [width, height]: [usize; 2]) -> Result<VaeConfig, CoreError> {
    let network = match json.word("_class_name") {
        Some("AutoencoderKL") => VaeNetwork::Kl(kl(json)?),
        Some("AutoencoderTiny") => VaeNetwork::Tiny(tiny(json)?),
        _ => {
            let expected = "AutoencoderKL or AutoencoderTiny";
            let found = json.find("_class_name");
            return Err(json.wrong("_class_name", expected, found));
        }
    };
    for field in ["in_channels", "out_channels"] {
        if json.count_or(field, 3)? != 3 {
            return Err(json.wrong(field, "3", json.find(field)));
        }
    }
    // diffusers' own default for a Kl; a Tiny's latents are scaled already.
    let scale = match network {
        VaeNetwork::Kl(_) => 0.18215,
        _ => 1.0,
    };
    let config = VaeConfig {
        width,
        height,
        channels: json.count_or("latent_channels", 4)?,
        latent_scale: json.number_or("scaling_factor", scale)?,
        latent_shift: json.number_or("shift_factor", 0.0)?,
        network,
    };
    config.validate().map_err(|e| json.in_file(e))?;
    Ok(config)
}

fn kl(json: &Json) -> Result<KlConfig, CoreError> {
    json.only("down_block_types", &["DownEncoderBlock2D"])?;
    json.only("up_block_types", &["UpDecoderBlock2D"])?;
    json.only("act_fn", &["silu", "swish"])?;
    json.absent("latents_mean")?;
    json.absent("latents_std")?;
    Ok(KlConfig {
        widths: json.counts("block_out_channels")?,
        layers: json.count_or("layers_per_block", 1)?,
        norm_groups: json.count_or("norm_num_groups", 32)?,
        mid_attention: json.flag_or("mid_block_add_attention", true)?,
        quant: json.flag_or("use_quant_conv", true)?,
        post_quant: json.flag_or("use_post_quant_conv", true)?,
    })
}

fn tiny(json: &Json) -> Result<TinyConfig, CoreError> {
    json.only("act_fn", &["relu"])?;
    json.only("upsample_fn", &["nearest"])?;
    if json.count_or("upsampling_scaling_factor", 2)? != 2 {
        let field = "upsampling_scaling_factor";
        return Err(json.wrong(field, "2", json.find(field)));
    }
    // The original's stages are joined by convolutions that keep the width.
    let width = |field: &str| {
        let widths = json.counts(field)?;
        match widths.first() {
            Some(&first) if widths.iter().all(|&w| w == first) => Ok((first, widths.len())),
            _ => Err(json.wrong(field, "one width for all stages", json.find(field))),
        }
    };
    let blocks = |field: &str, stages: usize| {
        let blocks = json.counts(field)?;
        if blocks.len() != stages {
            let expected = format!("{stages} numbers, one a stage");
            return Err(json.wrong(field, &expected, json.find(field)));
        }
        Ok(blocks)
    };
    let (encoder_width, encoder_stages) = width("encoder_block_out_channels")?;
    let (decoder_width, decoder_stages) = width("decoder_block_out_channels")?;
    Ok(TinyConfig {
        encoder_width,
        decoder_width,
        encoder_blocks: blocks("num_encoder_blocks", encoder_stages)?,
        decoder_blocks: blocks("num_decoder_blocks", decoder_stages)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KL: &str = r#"{"_class_name": "AutoencoderKL", "act_fn": "silu",
        "block_out_channels": [128, 256, 512, 512],
        "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
        "latent_channels": 4, "layers_per_block": 2, "norm_num_groups": 32,
        "scaling_factor": 0.13025, "shift_factor": 0.5, "use_quant_conv": false}"#;
    const TINY: &str = r#"{"_class_name": "AutoencoderTiny", "act_fn": "relu",
        "encoder_block_out_channels": [64, 64], "decoder_block_out_channels": [32, 32],
        "num_encoder_blocks": [1, 3], "num_decoder_blocks": [3, 1],
        "scaling_factor": 1.0, "upsampling_scaling_factor": 2}"#;

    fn parsed(text: &str) -> Result<VaeConfig, CoreError> {
        let json = Json::parse("config.json".as_ref(), text.as_bytes())?;
        parse(&json, [64, 32])
    }

    #[test]
    fn sizes_scale_and_shift_are_taken_over() {
        let kl = parsed(KL).unwrap();
        assert_eq!((kl.latent_scale, kl.latent_shift), (0.13025, 0.5));
        assert_eq!(kl.latent_shape(), [4, 4, 8]);
        let tiny = parsed(TINY).unwrap();
        assert_eq!(tiny.latent_shape(), [4, 16, 32]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file() {
        for (text, from, to, named) in [
            (KL, "AutoencoderKL", "AutoencoderKLWan", "_class_name"),
            (KL, "silu", "gelu", "act_fn"),
            (
                KL,
                "\"DownEncoderBlock2D\"]",
                "\"AttnDownEncoderBlock2D\"]",
                "down_block_types",
            ),
            (
                KL,
                "[128, 256, 512, 512]",
                "[128, -256]",
                "block_out_channels",
            ),
            (KL, "[128, 256, 512, 512]", "[]", "widths"),
            (KL, "[128, 256, 512, 512]", "[100]", "widths[0]"),
            (
                KL,
                "512, 512]",
                "512, 512, 512, 512, 512, 512, 512, 512]",
                "widths",
            ),
            (
                KL,
                "\"latent_channels\": 4",
                "\"latent_channels\": 1e99",
                "latent_channels",
            ),
            (KL, "0.13025", "true", "scaling_factor"),
            (KL, "0.13025", "1e300", "latent_scale"),
            (KL, "false", "3", "use_quant_conv"),
            (TINY, "[64, 64]", "[64, 32]", "encoder_block_out_channels"),
            (TINY, "[1, 3]", "[1, 3, 3]", "num_encoder_blocks"),
            (
                TINY,
                "\"upsampling_scaling_factor\": 2",
                "\"upsampling_scaling_factor\": 3",
                "upsampling",
            ),
        ] {
            let error = parsed(&text.replace(from, to)).unwrap_err().to_string();
            assert!(
                error.contains(named) && error.contains("config.json"),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_change_makes_it_panic(at in 0usize..300, byte: u8, cut in 1usize..300) {
            for text in [KL, TINY] {
                let mut bytes = text.as_bytes().to_vec();
                let at = at % bytes.len();
                bytes[at] = byte;
                let cut = cut.min(bytes.len());
                for bytes in [&bytes[..], &bytes[..cut]] {
                    if let Ok(json) = Json::parse("x".as_ref(), bytes) {
                        parse(&json, [64, 32]).ok();
                    }
                }
            }
        }
    }
}
