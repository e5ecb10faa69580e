//! A world as an asset: checked as a whole before anybody gets hold of it.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;
use burn_flex::{Flex, FlexDevice};
use bvgdm_core::{CoreError, Cost, WorldManifest, sha256_hex};
use bvgdm_model::{ModelError, TensorFile, World};

/// A manifest and its weights. Clones, and all worlds that play it, share the weights.
#[derive(Asset, TypePath, Debug, Clone)]
pub struct WorldAsset {
    manifest: Arc<WorldManifest>,
    world: Arc<World<Flex>>,
}

/// Why a world cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum WorldAssetError {
    /// The manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] CoreError),
    /// The weights are wrong.
    #[error(transparent)]
    Weights(#[from] ModelError),
    /// A file could not be read through Bevy's asset system.
    #[error("{path}: {message}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the asset system said.
        message: String,
    },
    /// Loading panicked: a defect of a crate below this one.
    #[error("{path}: the weights could not be loaded")]
    Panicked {
        /// The weights.
        path: PathBuf,
    },
}

impl WorldAsset {
    /// A world of this manifest and the content of its weights file.
    ///
    /// # Errors
    /// When size, checksum or a tensor is not what the manifest says.
    pub fn new(manifest: WorldManifest, weights: &[u8]) -> Result<Self, WorldAssetError> {
        manifest.validate()?;
        check_file(&manifest, weights)?;
        let built = catch_unwind(|| World::from_bytes(&manifest, weights, &FlexDevice));
        let world = match built {
            Ok(world) => world?,
            Err(_) => {
                return Err(WorldAssetError::Panicked {
                    path: weights_path(&manifest),
                });
            }
        };
        Ok(Self {
            manifest: Arc::new(manifest),
            world: Arc::new(world),
        })
    }

    /// Reads a manifest and the weights beside it, without Bevy's asset system.
    ///
    /// # Errors
    /// When a file cannot be read, or as [`new`](Self::new).
    pub fn read(path: &Path) -> Result<Self, WorldAssetError> {
        let manifest = WorldManifest::load(path)?;
        let weights = path.with_file_name(&manifest.weights.file);
        let bytes = TensorFile::read(&weights, &manifest.weights)?;
        Self::new(manifest, &bytes)
    }

    /// Sizes, controls, speed, origin and measured quality.
    pub fn manifest(&self) -> &Arc<WorldManifest> {
        &self.manifest
    }

    /// The networks, for the `Cpu` engine.
    pub fn world(&self) -> &Arc<World<Flex>> {
        &self.world
    }
}

/// Size and checksum, and that a file of this size can hold the weights of the configuration:
/// nothing is allocated for networks that cannot be in it.
fn check_file(manifest: &WorldManifest, weights: &[u8]) -> Result<(), WorldAssetError> {
    let mismatch = |field, expected: String, found: String| ModelError::Mismatch {
        file: weights_path(manifest),
        field,
        expected,
        found,
    };
    let expected = &manifest.weights;
    if weights.len() as u64 != expected.bytes {
        let (expected, found) = (expected.bytes.to_string(), weights.len().to_string());
        return Err(mismatch("size", expected, found).into());
    }
    let found = sha256_hex(weights);
    if !found.eq_ignore_ascii_case(&expected.sha256) {
        return Err(mismatch("SHA-256", expected.sha256.clone(), found).into());
    }
    // Two bytes a number at least; some slack for what the count leaves out.
    let parameters = Cost::of(&manifest.config).parameters();
    let least = parameters.saturating_mul(2) / 10 * 9;
    if expected.bytes < least {
        let expected = format!("at least {least} bytes for {parameters} parameters");
        return Err(mismatch("size", expected, weights.len().to_string()).into());
    }
    Ok(())
}

fn weights_path(manifest: &WorldManifest) -> PathBuf {
    PathBuf::from(&manifest.weights.file)
}
