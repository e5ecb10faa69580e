//! A world as an asset: checked as a whole before anybody gets hold of it.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;
use burn_flex::{Flex, FlexDevice};
use bvgdm_core::{CoreError, WorldManifest};
use bvgdm_model::{ModelError, World};

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
        let path = PathBuf::from(&manifest.weights.file);
        let built = catch_unwind(|| World::from_bytes(&manifest, weights, &FlexDevice));
        let world = built.map_err(|_| WorldAssetError::Panicked { path })??;
        Ok(Self::of(manifest, world))
    }

    /// Reads a manifest and the weights beside it, without Bevy's asset system.
    ///
    /// # Errors
    /// When a file cannot be read, or as [`new`](Self::new).
    pub fn read(path: &Path) -> Result<Self, WorldAssetError> {
        let built = catch_unwind(|| World::load(path, &FlexDevice));
        let panicked = |_| WorldAssetError::Panicked { path: path.into() };
        let (world, manifest) = built.map_err(panicked)??;
        Ok(Self::of(manifest, world))
    }

    fn of(manifest: WorldManifest, world: World<Flex>) -> Self {
        Self {
            manifest: Arc::new(manifest),
            world: Arc::new(world),
        }
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
