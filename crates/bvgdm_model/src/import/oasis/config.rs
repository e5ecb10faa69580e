//! Sizes of a network of Oasis' kind.

use std::path::Path;

use bvgdm_core::{
    CoreError, Gelu, TransformerConfig, VaeConfig, VaeNetwork, VitConfig, WorldConfig, preset,
};

use crate::error::Result;
use crate::import::json::Json;

/// The training steps that noise levels are counted in.
const STEPS: f64 = 1000.0;

/// The configuration of Oasis 500M, or that which a `config.json` with open-oasis' own parameter
/// names (`dit`, `vae`, `scaling_factor`, `ddim_steps`, `window`, `stabilization_level`,
/// `noise_abs_max`) makes of it.
///
/// # Errors
/// Names the field that is missing, of a wrong type or out of range.
pub fn oasis_config(file: Option<&Path>) -> Result<WorldConfig> {
    let published = preset("oasis")?;
    match file {
        None => Ok(published),
        Some(path) => {
            let json = Json::read(path)?;
            Ok(parse(&json, published)?)
        }
    }
}

/// The same of a `config.json`'s content; `file` stands in errors.
///
/// # Errors
/// As [`oasis_config`].
pub fn parse_oasis_config(file: &Path, bytes: &[u8]) -> Result<WorldConfig> {
    let published = preset("oasis")?;
    Ok(parse(&Json::parse(file, bytes)?, published)?)
}

fn parse(json: &Json, published: WorldConfig) -> Result<WorldConfig, CoreError> {
    let mut config = published;
    let dit = &mut config.dit;
    dit.channels = json.count("dit.in_channels")?;
    dit.height = json.count("dit.input_h")?;
    dit.width = json.count("dit.input_w")?;
    dit.patch = json.count("dit.patch_size")?;
    dit.hidden = json.count("dit.hidden_size")?;
    dit.depth = json.count("dit.depth")?;
    dit.heads = json.count("dit.num_heads")?;
    dit.actions = json.count("dit.external_cond_dim")?;
    dit.mlp_ratio = json.number_or("dit.mlp_ratio", dit.mlp_ratio)?;
    dit.window = match json.find("window") {
        Some(_) => json.count("window")?,
        None => json.count("dit.max_frames")?,
    };
    config.vae = vae(json, config.vae.latent_scale)?;
    let sampler = &mut config.sampler;
    sampler.steps = json.count_or("ddim_steps", sampler.steps)?;
    let level = json.number_or("stabilization_level", sampler.context_level * STEPS)?;
    sampler.context_level = level / STEPS;
    sampler.noise_clip = json.number_or("noise_abs_max", sampler.noise_clip)?;
    config.validate().map_err(|e| json.in_file(e))?;
    Ok(config)
}

fn vae(json: &Json, scale: f64) -> Result<VaeConfig, CoreError> {
    let stack = |prefix: &str| -> Result<TransformerConfig, CoreError> {
        let count = |name: &str| json.count(&format!("vae.{prefix}_{name}"));
        let (width, depth, heads) = (count("dim")?, count("depth")?, count("heads")?);
        let head = width / heads.max(1);
        Ok(TransformerConfig {
            width,
            depth,
            heads,
            // A quarter of a head for each axis, in pairs.
            rope_dims: head / 4 / 2 * 2,
        })
    };
    let (width, height) = (
        json.count("vae.input_width")?,
        json.count("vae.input_height")?,
    );
    let patch = json.count("vae.patch_size")?;
    let side = patch.max(1);
    Ok(VaeConfig {
        width,
        height,
        channels: json.count("vae.latent_dim")?,
        latent_scale: json.number_or("scaling_factor", scale)?,
        latent_shift: 0.0,
        network: VaeNetwork::Vit(VitConfig {
            patch,
            encoder: stack("enc")?,
            decoder: stack("dec")?,
            mlp_ratio: json.number_or("vae.mlp_ratio", 4.0)?,
            gelu: Gelu::Erf,
            // As many half turns as there are tokens.
            rope_max_freq: (height / side) as f64 * (width / side) as f64,
        }),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIELDS: &str = r#"{
        "dit": {"input_h": 18, "input_w": 32, "patch_size": 2, "in_channels": 16,
            "hidden_size": 1024, "depth": 16, "num_heads": 16, "external_cond_dim": 25,
            "max_frames": 32},
        "vae": {"latent_dim": 16, "input_height": 360, "input_width": 640, "patch_size": 20,
            "enc_dim": 1024, "enc_depth": 6, "enc_heads": 16,
            "dec_dim": 1024, "dec_depth": 12, "dec_heads": 16},
        "scaling_factor": 0.07843137255, "ddim_steps": 10, "stabilization_level": 15,
        "noise_abs_max": 20, "seed": 7
    }"#;

    fn parsed(text: &str) -> Result<WorldConfig, CoreError> {
        parse(
            &Json::parse("config.json".as_ref(), text.as_bytes())?,
            preset("oasis").unwrap(),
        )
    }

    #[test]
    fn the_published_sizes_give_the_preset() {
        assert_eq!(parsed(FIELDS).unwrap(), preset("oasis").unwrap());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file() {
        for (from, to, named) in [
            ("\"depth\": 16", "\"depth\": -1", "dit.depth"),
            ("\"depth\": 16", "\"depth\": 1e300", "dit.depth"),
            ("\"depth\": 16", "\"depth\": 999999999999", "dit.depth"),
            ("\"depth\": 16,", "", "dit.depth"),
            (
                "\"enc_heads\": 16",
                "\"enc_heads\": 0",
                "vae.network.encoder.heads",
            ),
            (
                "\"enc_heads\": 16",
                "\"enc_heads\": \"16\"",
                "vae.enc_heads",
            ),
            ("0.07843137255", "\"NaN\"", "scaling_factor"),
            ("0.07843137255", "-1", "vae.latent_scale"),
            (
                "\"ddim_steps\": 10",
                "\"ddim_steps\": 100000",
                "sampler.steps",
            ),
            (
                "\"patch_size\": 20",
                "\"patch_size\": 0",
                "vae.network.patch",
            ),
        ] {
            let error = parsed(&FIELDS.replace(from, to)).unwrap_err().to_string();
            assert!(
                error.contains(named) && error.contains("config.json"),
                "{error}"
            );
        }
        let error = parsed(&FIELDS.replace("0.07843137255", "NaN")).unwrap_err();
        assert!(error.to_string().contains("config.json"), "{error}");
    }

    proptest! {
        #[test]
        fn no_change_makes_it_panic(
            at in 0usize..FIELDS.len(), byte: u8, cut in 1usize..FIELDS.len()
        ) {
            let mut bytes = FIELDS.as_bytes().to_vec();
            bytes[at] = byte;
            for bytes in [&bytes[..], &bytes[..cut]] {
                if let Ok(json) = Json::parse("x".as_ref(), bytes) {
                    parse(&json, preset("oasis").unwrap()).ok();
                }
            }
        }

        #[test]
        fn no_number_makes_it_panic(number: u64, negative: bool, which in 0usize..20) {
            let sign = if negative { "-" } else { "" };
            let mut parts = FIELDS.split(": ");
            let mut text = parts.next().unwrap_or_default().to_owned();
            for (i, part) in parts.enumerate() {
                let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
                text += ": ";
                text += &if i == which && rest.len() < part.len() {
                    format!("{sign}{number}{rest}")
                } else {
                    part.to_owned()
                };
            }
            parsed(&text).ok();
        }
    }
}
