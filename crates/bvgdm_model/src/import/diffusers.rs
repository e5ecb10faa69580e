//! VAEs as diffusers stores them: a folder with `config.json` and
//! `diffusion_pytorch_model.safetensors`.

mod config;
mod kl;
mod tiny;

pub use config::{diffusers_config, parse_diffusers_config};

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::backend::Backend;
use bvgdm_core::{CoreError, VaeNetwork};

use super::piece::Piece;
use crate::error::Result;
use crate::vae::Vae;
use crate::weights::{TensorFile, load_module, shapes};

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "diffusion_pytorch_model.safetensors";

/// Whether a folder has diffusers' layout.
pub fn is_diffusers(folder: &Path) -> bool {
    folder.join(CONFIG).is_file()
}

/// Reads the VAE of such a folder, for pictures of `[width, height]` pixels. All names and shapes are
/// checked first; then there is one tensor in memory beside the network.
///
/// # Errors
/// Names the field, or all tensors, that are not what they should be.
pub fn load_diffusers_vae<B: Backend>(
    folder: &Path,
    size: [usize; 2],
    device: &B::Device,
) -> Result<Vae<B>> {
    let config = diffusers_config(&folder.join(CONFIG), size)?;
    let file = TensorFile::open(&folder.join(WEIGHTS))?;
    let vae = Vae::new(&config, device);
    let ours = shapes("vae", &vae);
    let pieces = match &config.network {
        VaeNetwork::Kl(_) => kl::pieces(ours, &file),
        VaeNetwork::Tiny(net) => tiny::pieces(ours, net),
        VaeNetwork::Vit(_) => Vec::new(),
    };
    let expected = pieces.iter();
    let expected = expected.map(|p| (p.source.as_str(), p.source_shape.as_slice()));
    file.fail_on(file.problems(expected, |_| false))?;
    let by_name: BTreeMap<_, _> = pieces.iter().map(|p| (p.name.as_str(), p)).collect();
    load_module(vae, |name, _| {
        let name = format!("vae.{name}");
        let piece: &Piece = by_name.get(name.as_str()).ok_or_else(|| {
            CoreError::invalid(name.as_str(), "a tensor of this network", "none")
                .in_file(file.path())
        })?;
        piece.read(&file)
    })
}
