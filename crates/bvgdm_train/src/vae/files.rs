//! A trained VAE on disk: `vae.ron` and `vae.safetensors`.

use std::path::Path;

use burn::tensor::backend::Backend;
use bvgdm_core::{CoreError, VaeConfig, read_bounded, write_atomic};
use bvgdm_model::{TensorFile, TensorWriter, Vae, WeightsDtype, shapes};

use crate::error::Result;

const CONFIG: &str = "vae.ron";
const WEIGHTS: &str = "vae.safetensors";
const MAX_CONFIG_BYTES: u64 = 1 << 16;
const MAX_WEIGHTS_BYTES: u64 = 1 << 34;

/// Writes the VAE into a folder.
///
/// # Errors
/// When the folder cannot be written to.
pub fn save_vae<B: Backend>(vae: &Vae<B>, folder: &Path) -> Result<()> {
    let mut writer = TensorWriter::new(WeightsDtype::F32);
    writer.push_module("vae", vae)?;
    write_atomic(&folder.join(WEIGHTS), &writer.finish()?)?;
    let text = ron::ser::to_string_pretty(vae.config(), ron::ser::PrettyConfig::default())
        .map_err(|e| CoreError::Parse {
            file: CONFIG.into(),
            message: e.to_string(),
        })?;
    Ok(write_atomic(&folder.join(CONFIG), text.as_bytes())?)
}

/// Reads the VAE of a folder.
///
/// # Errors
/// When a file is missing or is not what it should be.
pub fn load_vae<B: Backend>(folder: &Path, device: &B::Device) -> Result<Vae<B>> {
    let path = folder.join(CONFIG);
    let text = read_bounded(&path, MAX_CONFIG_BYTES)?;
    let config: VaeConfig = ron::de::from_bytes(&text).map_err(|e| CoreError::Parse {
        file: path.display().to_string(),
        message: e.to_string(),
    })?;
    config.validate().map_err(|e| e.in_file(&path))?;
    let path = folder.join(WEIGHTS);
    let bytes = read_bounded(&path, MAX_WEIGHTS_BYTES)?;
    let file = TensorFile::parse(&path, &bytes)?;
    let vae = Vae::new(&config, device);
    file.check(&shapes("vae", &vae))?;
    Ok(file.apply("vae", vae)?)
}
