//! `NAME.world.ron`: everything needed to play a world.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::action::ActionSchema;
use crate::config::WorldConfig;
use crate::error::{CoreError, Result, check_range};
use crate::files::{read_bounded, write_atomic};

/// The format that this version reads and writes.
pub const MANIFEST_VERSION: u32 = 1;
/// No manifest is larger.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// No weights file is larger (16 GiB).
const MAX_WEIGHTS_BYTES: u64 = 1 << 34;

/// The weights that belong to a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsFile {
    /// File name, in the manifest's own folder.
    pub file: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

/// Where a world comes from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedOn {
    /// The game that was recorded.
    pub game: String,
    /// Frames of the training episodes.
    pub frames: u64,
    /// Optimiser steps of the VAE.
    pub vae_steps: u64,
    /// Optimiser steps of the DiT.
    pub dit_steps: u64,
    /// Backend and machine, in words.
    pub machine: String,
}

/// A world: sizes, controls, speed, weights, origin and measured quality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldManifest {
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// What a player sees as its name.
    pub name: String,
    /// Frames a second that the world was trained at.
    pub fps: f64,
    /// The controls.
    pub schema: ActionSchema,
    /// Sizes, schedule and sampler defaults.
    pub config: WorldConfig,
    /// The weights.
    pub weights: WeightsFile,
    /// Origin.
    pub trained_on: TrainedOn,
    /// What `bvgdm eval` printed, by the metric's name.
    #[serde(default)]
    pub quality: BTreeMap<String, f64>,
}

/// Frames a second that a world may have.
pub const FPS: RangeInclusive<f64> = 0.1..=1000.0;
/// Whether two frame rates pass for one: mean rates of videos are not exact.
pub fn same_rate(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 0.01
}

impl WorldManifest {
    /// Whether a recording of `fps` frames a second moves as this world does.
    pub fn has_rate(&self, fps: f64) -> bool {
        same_rate(fps, self.fps)
    }

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// When the file cannot be read, is no manifest of this version, or has a field out of range.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = read_bounded(path, MAX_MANIFEST_BYTES)?;
        Self::parse(&bytes).map_err(|e| e.in_file(path))
    }

    /// Checks the text of a manifest.
    ///
    /// # Errors
    /// As [`WorldManifest::load`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let parse = |message: String| CoreError::Parse {
            file: "manifest".to_owned(),
            message,
        };
        let text = std::str::from_utf8(bytes).map_err(|e| parse(e.to_string()))?;
        // The version first: another version may well have other fields.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = ron::from_str(text).map_err(|e| parse(e.to_string()))?;
        if version != MANIFEST_VERSION {
            return Err(CoreError::invalid(
                "version",
                MANIFEST_VERSION.to_string(),
                version,
            ));
        }
        let manifest: Self = ron::from_str(text).map_err(|e| parse(e.to_string()))?;
        manifest.validate()?;
        Ok(manifest)
    }

    /// Checks every field.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<()> {
        check_range("fps", self.fps, *FPS.start(), *FPS.end())?;
        self.schema.validate()?;
        self.config.validate()?;
        if self.config.dit.actions != self.schema.len() {
            let expected = format!("the schema's {}", self.schema.len());
            return Err(CoreError::invalid(
                "config.dit.actions",
                expected,
                self.config.dit.actions,
            ));
        }
        check_range("weights.bytes", self.weights.bytes, 1, MAX_WEIGHTS_BYTES)?;
        let hex = self.weights.sha256.len() == 64
            && self.weights.sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex {
            return Err(CoreError::invalid(
                "weights.sha256",
                "64 hexadecimal digits",
                format!("{:?}", self.weights.sha256),
            ));
        }
        let mut parts = Path::new(&self.weights.file).components();
        let plain = matches!(
            (parts.next(), parts.next()),
            (Some(Component::Normal(_)), None)
        );
        if !plain {
            return Err(CoreError::invalid(
                "weights.file",
                "a file name without folders",
                format!("{:?}", self.weights.file),
            ));
        }
        Ok(())
    }

    /// Writes the manifest, to a temporary name first.
    ///
    /// # Errors
    /// When a field is out of range or the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = self.to_text().map_err(|e| e.in_file(path))?;
        write_atomic(path, text.as_bytes())
    }

    /// The manifest as text, which [`parse`](Self::parse) reads.
    ///
    /// # Errors
    /// When a field is out of range.
    pub fn to_text(&self) -> Result<String> {
        self.validate()?;
        ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default()).map_err(|e| {
            CoreError::Parse {
                file: "manifest".to_owned(),
                message: e.to_string(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ActionSpec;
    use proptest::prelude::*;

    fn manifest() -> WorldManifest {
        WorldManifest {
            version: MANIFEST_VERSION,
            name: "test".into(),
            fps: 20.0,
            schema: ActionSchema::new((0..9).map(|i| ActionSpec::button(format!("b{i}")))).unwrap(),
            config: crate::preset("arena").unwrap(),
            weights: WeightsFile {
                file: "test.safetensors".into(),
                bytes: 10,
                sha256: "0".repeat(64),
            },
            trained_on: TrainedOn::default(),
            quality: BTreeMap::from([("vae_psnr".into(), 32.5)]),
        }
    }

    fn refused(text: &str, field: &str) {
        let error = WorldManifest::parse(text.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(field), "{field} is not in: {error}");
    }

    #[test]
    fn what_was_saved_is_read_back() {
        let path =
            std::env::temp_dir().join(format!("{}_bvgdm_core.world.ron", std::process::id()));
        manifest().save(&path).unwrap();
        assert_eq!(WorldManifest::load(&path).unwrap(), manifest());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn bad_fields_are_named() {
        let text = ron::to_string(&manifest()).unwrap();
        refused(&text.replace("version:1", "version:2"), "version");
        refused(&text.replace("fps:20.0", "fps:NaN"), "fps");
        refused(&text.replace("heads:4", "heads:0"), "heads");
        refused(
            &text.replace("channels:16", "channels:1000000000"),
            "channels",
        );
        refused(
            &text.replace("test.safetensors", "../../etc/passwd"),
            "weights.file",
        );
        refused(
            &text.replace("bytes:10", "bytes:99999999999999"),
            "weights.bytes",
        );
        refused(&text.replace("actions:9", "actions:8"), "dit.actions");
        refused("(version:1,", "manifest");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            WorldManifest::parse(&bytes).ok();
        }

        #[test]
        fn no_cut_or_flipped_manifest_makes_it_panic(cut in 0usize..2000, at in 0usize..2000, byte: u8) {
            let mut text = ron::to_string(&manifest()).unwrap().into_bytes();
            text.truncate(cut.max(1));
            let at = at % text.len();
            text[at] = byte;
            WorldManifest::parse(&text).ok();
        }
    }
}
