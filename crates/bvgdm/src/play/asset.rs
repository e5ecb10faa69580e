//! A world as an asset: checked as a whole before anybody gets hold of it.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;
use bvgdm_core::WorldManifest;

use crate::engine::{Networks, NetworksError};

/// A manifest and its weights. Clones, and all worlds that play it, share the weights; each world on the
/// processor packs them once more, as its products want them.
#[derive(Asset, TypePath, Debug, Clone)]
pub struct WorldAsset {
    manifest: Arc<WorldManifest>,
    networks: Networks,
    /// The weights' file, where burn on the GPU may want to read it.
    weights: Option<Arc<[u8]>>,
}

/// Why a world cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum WorldAssetError {
    /// The manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] bvgdm_core::CoreError),
    /// The weights are wrong.
    #[error(transparent)]
    Networks(#[from] NetworksError),
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
        let built = catch_unwind(|| Networks::from_bytes(&manifest, weights));
        let (networks, reason) = built.map_err(|_| WorldAssetError::Panicked { path })??;
        Ok(Self {
            weights: cfg!(feature = "burn-wgpu").then(|| weights.into()),
            ..Self::of(manifest, networks, reason)
        })
    }

    /// Reads a manifest and the weights beside it, without Bevy's asset system.
    ///
    /// # Errors
    /// When a file cannot be read, or as [`new`](Self::new).
    pub fn read(path: &Path) -> Result<Self, WorldAssetError> {
        let built = catch_unwind(|| Networks::read(path));
        let panicked = |_| WorldAssetError::Panicked { path: path.into() };
        let (manifest, networks, reason) = built.map_err(panicked)??;
        Ok(Self::of(manifest, networks, reason))
    }

    fn of(manifest: WorldManifest, networks: Networks, reason: Option<String>) -> Self {
        if let Some(reason) = reason {
            info!(
                "{} plays on {}: {reason}",
                manifest.name,
                networks.cpu_engine()
            );
        }
        Self {
            manifest: Arc::new(manifest),
            networks,
            weights: None,
        }
    }

    /// Sizes, controls, speed, origin and measured quality.
    pub fn manifest(&self) -> &Arc<WorldManifest> {
        &self.manifest
    }

    /// What plays it.
    pub fn networks(&self) -> &Networks {
        &self.networks
    }

    /// The content of the weights' file, if it was kept.
    #[cfg_attr(
        not(feature = "burn-wgpu"),
        expect(dead_code, reason = "burn alone reads it")
    )]
    pub(super) fn weights(&self) -> Option<&Arc<[u8]>> {
        self.weights.as_ref()
    }
}
