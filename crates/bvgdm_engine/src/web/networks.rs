//! A world's weights in a page: the worker takes them as they are, the GPU as a plan.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use bvgdm_core::{CoreError, WorldManifest};
use bvgdm_plan::{Plan, PlanError, WeightsFile};
use bvgdm_worker::{WorkerError, check_weights};

/// What plays a world. Clones share the weights.
#[derive(Debug, Clone)]
pub struct Networks(Arc<Content>);

#[derive(Debug)]
struct Content {
    manifest: WorldManifest,
    weights: Vec<u8>,
    /// Made when passes first ask for it: a page whose worker plays needs none.
    plan: OnceLock<Result<Arc<Plan>, PlanError>>,
}

/// Why there are no networks.
#[derive(Debug, thiserror::Error)]
pub enum NetworksError {
    /// The weights are not what the manifest says.
    #[error(transparent)]
    Weights(#[from] WorkerError),
    /// A page has no files.
    #[error(transparent)]
    Files(#[from] CoreError),
}

impl Networks {
    /// The networks of this manifest and the content of its weights file; the second part says why
    /// they are none that play fast, if so.
    ///
    /// # Errors
    /// When size or checksum is not what the manifest says.
    pub fn from_bytes(
        manifest: &WorldManifest,
        bytes: &[u8],
    ) -> Result<(Self, Option<String>), NetworksError> {
        check_weights(manifest, bytes)?;
        let content = Content {
            manifest: manifest.clone(),
            weights: bytes.to_vec(),
            plan: OnceLock::new(),
        };
        Ok((Self(Arc::new(content)), None))
    }

    /// There are no files in a page: worlds come through Bevy's asset server.
    ///
    /// # Errors
    /// Always.
    pub fn read(path: &Path) -> Result<(WorldManifest, Self, Option<String>), NetworksError> {
        let unsupported = std::io::ErrorKind::Unsupported.into();
        Err(CoreError::io(path, unsupported).into())
    }

    /// The world as passes.
    ///
    /// # Errors
    /// Why no passes play it.
    pub fn plan(&self) -> Result<&Arc<Plan>, String> {
        let Content {
            manifest,
            weights,
            plan,
        } = &*self.0;
        plan.get_or_init(|| {
            let weights = WeightsFile::parse(manifest, weights)?;
            Ok(Arc::new(Plan::new(manifest, &weights)?))
        })
        .as_ref()
        .map_err(ToString::to_string)
    }

    /// What plays on the processor.
    pub fn cpu_engine(&self) -> &'static str {
        "passes on the processor, in a worker"
    }

    pub(super) fn manifest(&self) -> &WorldManifest {
        &self.0.manifest
    }

    pub(super) fn weights(&self) -> &[u8] {
        &self.0.weights
    }
}
