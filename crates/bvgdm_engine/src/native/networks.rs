//! A world's networks, in the form that plays fastest.

use std::path::Path;
use std::sync::Arc;

use burn_flex::{Flex, FlexDevice};
use bvgdm_core::WorldManifest;
use bvgdm_model::{ModelError, World};
use bvgdm_plan::{Plan, PlanError, WeightsFile};

/// What plays a world. Clones share the weights.
#[derive(Debug, Clone)]
pub enum Networks {
    /// As a plan of passes: fast, on the processor and on the GPU.
    Plan(Arc<Plan>),
    /// As burn modules: what no pass does yet, for this reason.
    Modules(Arc<World<Flex>>, Arc<str>),
}

/// Why there are no networks.
#[derive(Debug, thiserror::Error)]
pub enum NetworksError {
    /// The weights are not what the manifest says.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The weights cannot be brought into a plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl Networks {
    /// The networks of this manifest and the content of its weights file; the second part says why
    /// they are modules, if they are.
    ///
    /// # Errors
    /// When size, checksum or a tensor is not what the manifest says.
    pub fn from_bytes(
        manifest: &WorldManifest,
        bytes: &[u8],
    ) -> Result<(Self, Option<String>), NetworksError> {
        World::<Flex>::check(manifest, bytes)?;
        let plan = WeightsFile::parse(manifest, bytes).and_then(|w| Plan::new(manifest, &w));
        match plan {
            Ok(plan) => Ok((Self::Plan(Arc::new(plan)), None)),
            Err(reason @ PlanError::NotCovered { .. }) => {
                let world = World::from_bytes(manifest, bytes, &FlexDevice)?;
                let reason = reason.to_string();
                let modules = Self::Modules(Arc::new(world), reason.as_str().into());
                Ok((modules, Some(reason)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a manifest and the weights beside it.
    ///
    /// # Errors
    /// When a file cannot be read, or as [`from_bytes`](Self::from_bytes).
    pub fn read(path: &Path) -> Result<(WorldManifest, Self, Option<String>), NetworksError> {
        let manifest = WorldManifest::load(path).map_err(ModelError::from)?;
        let weights = path.with_file_name(&manifest.weights.file);
        let bytes =
            bvgdm_core::read_bounded(&weights, manifest.weights.bytes).map_err(ModelError::from)?;
        let (networks, reason) = Self::from_bytes(&manifest, &bytes)?;
        Ok((manifest, networks, reason))
    }

    /// The world as passes.
    ///
    /// # Errors
    /// Why no passes play it.
    pub fn plan(&self) -> Result<&Arc<Plan>, String> {
        match self {
            Self::Plan(plan) => Ok(plan),
            Self::Modules(_, reason) => Err(reason.to_string()),
        }
    }

    /// What plays on the processor.
    pub fn cpu_engine(&self) -> &'static str {
        match self {
            Self::Plan(_) => "passes on the processor",
            Self::Modules(..) => "burn-flex",
        }
    }
}
