//! Reads `NAME.world.ron` and the weights beside it through Bevy's asset system.

use bevy::asset::io::Reader;
use bevy::asset::{AssetLoader, AssetPath, AsyncReadExt as _, LoadContext};
use bevy::prelude::*;
use bvgdm_core::{CoreError, WorldManifest};

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
        let mut bounded = reader.take(MAX_MANIFEST_BYTES + 1);
        bounded
            .read_to_end(&mut text)
            .await
            .map_err(|error| WorldAssetError::Read {
                path: path.clone(),
                message: error.to_string(),
            })?;
        let parsed =
            check_size(&text, MAX_MANIFEST_BYTES).and_then(|()| WorldManifest::parse(&text));
        let manifest = parsed.map_err(|error| error.in_file(&path))?;
        let beside = path.with_file_name(&manifest.weights.file);
        let source = context.path().source().clone_owned();
        let weights = AssetPath::from_path(&beside).with_source(source);
        let most = manifest.weights.bytes;
        let loaded = context
            .load_builder()
            .with_settings(move |max_bytes: &mut u64| *max_bytes = most + 1)
            .load_value::<Weights>(weights)
            .await
            .map_err(|error| WorldAssetError::Read {
                path: beside.clone(),
                message: error.to_string(),
            })?;
        let Weights(bytes) = loaded.take();
        check_size(&bytes, most).map_err(|error| error.in_file(&beside))?;
        WorldAsset::new(manifest, &bytes)
    }

    fn extensions(&self) -> &[&str] {
        &["world.ron"]
    }
}

/// The beginning of a weights file: all of it, unless it is larger than the settings allow.
#[derive(Asset, TypePath, Debug)]
pub(super) struct Weights(Vec<u8>);

/// Loads [`Weights`] for the loader above, which knows their size. The settings are the most bytes that
/// are read: `LoadContext::read_asset_bytes` would read a file of any size.
#[derive(TypePath, Debug, Clone, Copy, Default)]
pub(super) struct WeightsLoader;

impl AssetLoader for WeightsLoader {
    type Asset = Weights;
    type Settings = u64;
    type Error = std::io::Error;

    async fn load(
        &self,
        reader: &mut dyn Reader,
        max_bytes: &u64,
        _context: &mut LoadContext<'_>,
    ) -> Result<Weights, std::io::Error> {
        let mut bytes = Vec::new();
        reader.take(*max_bytes).read_to_end(&mut bytes).await?;
        Ok(Weights(bytes))
    }
}

/// Of a larger file, one byte more than allowed has been read.
fn check_size(bytes: &[u8], most: u64) -> bvgdm_core::Result<()> {
    if bytes.len() as u64 > most {
        let expected = format!("at most {most} bytes");
        return Err(CoreError::invalid("size", expected, "more"));
    }
    Ok(())
}
