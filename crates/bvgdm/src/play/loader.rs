//! Reads `NAME.world.ron` and the weights beside it through Bevy's asset system.

use bevy::asset::io::Reader;
use bevy::asset::{AssetLoader, AssetPath, AsyncReadExt as _, LoadContext};
use bevy::prelude::*;
use bvgdm_core::WorldManifest;

use super::asset::{WorldAsset, WorldAssetError};

/// No manifest is larger.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// Loads [`WorldAsset`]s.
#[derive(TypePath, Debug, Clone, Copy, Default)]
pub(super) struct WorldLoader;

impl AssetLoader for WorldLoader {
    type Asset = WorldAsset;
    type Settings = ();
    type Error = WorldAssetError;

    async fn load(
        &self,
        reader: &mut dyn Reader,
        _settings: &(),
        context: &mut LoadContext<'_>,
    ) -> Result<WorldAsset, WorldAssetError> {
        let path = context.path().path().to_owned();
        let mut text = Vec::new();
        // One byte more than allowed, so that a larger file is no valid manifest.
        let mut bounded = reader.take(MAX_MANIFEST_BYTES + 1);
        bounded
            .read_to_end(&mut text)
            .await
            .map_err(|error| WorldAssetError::Read {
                path: path.clone(),
                message: error.to_string(),
            })?;
        let manifest = parse(&text).map_err(|error| error.in_file(&path))?;
        let beside = path.with_file_name(&manifest.weights.file);
        let source = context.path().source().clone_owned();
        let weights = AssetPath::from_path(&beside).with_source(source);
        let bytes =
            context
                .read_asset_bytes(weights)
                .await
                .map_err(|error| WorldAssetError::Read {
                    path: beside.clone(),
                    message: error.to_string(),
                })?;
        WorldAsset::new(manifest, &bytes)
    }

    fn extensions(&self) -> &[&str] {
        &["world.ron"]
    }
}

fn parse(text: &[u8]) -> bvgdm_core::Result<WorldManifest> {
    if text.len() as u64 > MAX_MANIFEST_BYTES {
        let expected = format!("at most {MAX_MANIFEST_BYTES} bytes");
        return Err(bvgdm_core::CoreError::invalid("size", expected, "more"));
    }
    WorldManifest::parse(text)
}
