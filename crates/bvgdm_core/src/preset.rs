//! Configurations by name, or from a file of one's own.

use std::path::Path;

use crate::config::WorldConfig;
use crate::error::{CoreError, Result};
use crate::files::read_bounded;

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
/// No file of sizes is larger.
const MAX_FILE_BYTES: u64 = 1 << 16;

/// The names that [`preset`] knows.
pub fn preset_names() -> Vec<String> {
    let dit = DIT_SIZES
        .iter()
        .flat_map(|(size, ..)| DIT_PATCHES.map(|patch| format!("DiT-{size}/{patch}")));
    let own = ["arena", "oasis"].map(str::to_owned);
    own.into_iter().chain(dit).collect()
}

/// The configuration of this name: `arena`, `oasis` (Oasis 500M), or `DiT-S`, `B`, `L`, `XL` with
/// `/2`, `/4`, `/8`. A name that ends in `.ron` is the path of a file like those in `assets/presets`.
///
/// # Errors
/// When there is no preset of this name (the error lists those that there are), or the file cannot be
/// read or has a field out of range.
pub fn preset(name: &str) -> Result<WorldConfig> {
    if name.ends_with(".ron") {
        return load(Path::new(name));
    }
    if name == "arena" {
        return parse(Path::new("presets/arena.ron"), ARENA.as_bytes());
    }
    if name == "oasis" {
        return parse(Path::new("presets/oasis.ron"), OASIS.as_bytes());
    }
    for (size, hidden, depth, heads) in DIT_SIZES {
        for patch in DIT_PATCHES {
            if name == format!("DiT-{size}/{patch}") {
                let mut config = parse(Path::new("presets/dit.ron"), DIT.as_bytes())?;
                config.dit.hidden = hidden;
                config.dit.depth = depth;
                config.dit.heads = heads;
                config.dit.patch = patch;
                config.validate()?;
                return Ok(config);
            }
        }
    }
    let names = preset_names().join(", ");
    let expected = format!("one of {names}, or the path of a .ron file");
    Err(CoreError::invalid("preset", expected, name))
}

fn load(file: &Path) -> Result<WorldConfig> {
    parse(file, &read_bounded(file, MAX_FILE_BYTES)?)
}

fn parse(file: &Path, text: &[u8]) -> Result<WorldConfig> {
    let config: WorldConfig = ron::de::from_bytes(text).map_err(|e| CoreError::Parse {
        file: file.display().to_string(),
        message: e.to_string(),
    })?;
    config.validate().map_err(|e| e.in_file(file))?;
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
    fn a_file_of_one_s_own_is_a_preset_and_what_is_wrong_in_it_is_named() {
        let path =
            std::env::temp_dir().join(format!("{}_bvgdm_core_preset.ron", std::process::id()));
        let name = path.to_str().unwrap();
        std::fs::write(&path, ARENA.replace("hidden: 240", "hidden: 160")).unwrap();
        assert_eq!(preset(name).unwrap().dit.hidden, 160);
        for (right, wrong, field) in [
            ("hidden: 240", "hidden: 0", "dit.hidden"),
            ("width: 112", "width: 100", "vae.width"),
            ("hidden: 240", "colour: 240", "colour"),
        ] {
            std::fs::write(&path, ARENA.replace(right, wrong)).unwrap();
            let error = preset(name).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(field), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
        let missing = preset(name).unwrap_err().to_string();
        assert!(missing.contains(name), "{missing}");
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
