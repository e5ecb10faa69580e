//! A trained VAE on disk: `vae.ron` and `vae.safetensors`.

use std::path::Path;

use burn::tensor::backend::Backend;
use bvgdm_core::{CoreError, VaeConfig, read_bounded, write_atomic};
use bvgdm_model::import::{is_diffusers, load_diffusers_vae};
use bvgdm_model::{TensorFile, TensorWriter, Vae, WeightsDtype, shapes};

use crate::error::Result;

const CONFIG: &str = "vae.ron";
const WEIGHTS: &str = "vae.safetensors";
const MAX_CONFIG_BYTES: u64 = 1 << 16;

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

/// Reads the VAE of a folder: a run's, or one in diffusers' layout (`config.json` and
/// `diffusion_pytorch_model.safetensors`), which is then one for pictures of `size` (width, height).
///
/// # Errors
/// When a file is missing or is not what it should be.
pub fn load_vae<B: Backend>(
    folder: &Path,
    (width, height): (usize, usize),
    device: &B::Device,
) -> Result<Vae<B>> {
    let path = folder.join(CONFIG);
    if !path.is_file() && is_diffusers(folder) {
        return Ok(load_diffusers_vae(folder, [width, height], device)?);
    }
    let text = read_bounded(&path, MAX_CONFIG_BYTES)?;
    let config: VaeConfig = ron::de::from_bytes(&text).map_err(|e| CoreError::Parse {
        file: path.display().to_string(),
        message: e.to_string(),
    })?;
    config.validate().map_err(|e| e.in_file(&path))?;
    let file = TensorFile::open(&folder.join(WEIGHTS))?;
    let vae = Vae::new(&config, device);
    file.check(&shapes("vae", &vae))?;
    Ok(file.apply("vae", vae)?)
}
