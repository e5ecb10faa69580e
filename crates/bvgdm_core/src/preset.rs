//! Configurations by name.

use crate::config::WorldConfig;
use crate::error::{CoreError, Result};

const ARENA: &str = include_str!("../../../assets/presets/arena.ron");
const OASIS: &str = include_str!("../../../assets/presets/oasis.ron");
const DIT: &str = include_str!("../../../assets/presets/dit.ron");

/// Name, hidden size, depth and heads (Peebles and Xie 2023, table 1).
const DIT_SIZES: [(&str, usize, usize, usize); 4] = [
    ("S", 384, 12, 6),
    ("B", 768, 12, 12),
    ("L", 1024, 24, 16),
    ("XL", 1152, 28, 16),
];
const DIT_PATCHES: [usize; 3] = [2, 4, 8];

/// The names that [`preset`] knows.
pub fn preset_names() -> Vec<String> {
    let dit = DIT_SIZES
        .iter()
        .flat_map(|(size, ..)| DIT_PATCHES.map(|patch| format!("DiT-{size}/{patch}")));
    let own = ["arena", "oasis"].map(str::to_owned);
    own.into_iter().chain(dit).collect()
}

/// The configuration of this name: `arena`, `oasis` (Oasis 500M), or `DiT-S`, `B`, `L`, `XL` with
/// `/2`, `/4`, `/8`.
///
/// # Errors
/// When there is no preset of this name; the error lists those that there are.
pub fn preset(name: &str) -> Result<WorldConfig> {
    if name == "arena" {
        return parse("presets/arena.ron", ARENA);
    }
    if name == "oasis" {
        return parse("presets/oasis.ron", OASIS);
    }
    for (size, hidden, depth, heads) in DIT_SIZES {
        for patch in DIT_PATCHES {
            if name == format!("DiT-{size}/{patch}") {
                let mut config = parse("presets/dit.ron", DIT)?;
                config.dit.hidden = hidden;
                config.dit.depth = depth;
                config.dit.heads = heads;
                config.dit.patch = patch;
                config.validate()?;
                return Ok(config);
            }
        }
    }
    let expected = format!("one of {}", preset_names().join(", "));
    Err(CoreError::invalid("preset", expected, name))
}

fn parse(file: &str, text: &str) -> Result<WorldConfig> {
    let config: WorldConfig = ron::from_str(text).map_err(|e| CoreError::Parse {
        file: file.to_owned(),
        message: e.to_string(),
    })?;
    config.validate()?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_preset_exists_and_is_valid() {
        for name in preset_names() {
            preset(&name).unwrap();
        }
        let error = preset("DiT-Q/3").unwrap_err().to_string();
        assert!(error.contains("DiT-XL/8"), "{error}");
    }

    #[test]
    fn an_absurd_size_is_named() {
        let mut config = preset("arena").unwrap();
        config.vae.channels = 1_000_000_000;
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains("vae.channels"), "{error}");
        let mut config = preset("arena").unwrap();
        config.dit.heads = 0;
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .contains("dit.heads")
        );
        let mut config = preset("arena").unwrap();
        config.dit.width = 12;
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .contains("latent")
        );
    }
}
