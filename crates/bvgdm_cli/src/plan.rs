//! A world's plan, from its files.

use std::path::Path;

use anyhow::Result;
use burn_flex::Flex;
use bvgdm_core::{WorldManifest, read_bounded};
use bvgdm_model::World;
use bvgdm_plan::{Plan, WeightsFile};

/// Reads the weights beside a manifest and plans the world.
pub fn read_plan(path: &Path, manifest: &WorldManifest) -> Result<Plan> {
    let weights = path.with_file_name(&manifest.weights.file);
    let bytes = read_bounded(&weights, manifest.weights.bytes)?;
    World::<Flex>::check(manifest, &bytes)?;
    Ok(Plan::new(manifest, &WeightsFile::parse(manifest, &bytes)?)?)
}
