//! A trained DiT and its VAE as a world that can be played.

use std::collections::BTreeMap;

use burn::module::AutodiffModule as _;
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::{
    MANIFEST_VERSION, TrainedOn, WeightsFile, WorldManifest, sha256_hex, write_atomic,
};
use bvgdm_data::Dataset;
use bvgdm_model::{Dit, WeightsDtype, World};

use super::origin::Origin;
use super::starts::most_to_see;
use super::world_file::WorldFile;
use crate::backend::machine;
use crate::data::{LatentStore, step_rng};
use crate::error::Result;

/// Places where a player may start.
const STARTS: usize = 16;
/// Of how many one is chosen.
const CANDIDATES: usize = 8;

/// What was trained.
pub struct Trained<'a, B: AutodiffBackend> {
    /// Sizes, VAE, and what the weights had seen before.
    pub origin: &'a Origin<B>,
    /// The averaged weights.
    pub dit: &'a Dit<B::InnerBackend>,
    /// Steps so far.
    pub step: u64,
    /// Frames that were trained on.
    pub frames: u64,
}

/// Writes `NAME.world.ron` and `NAME.safetensors`; starts are those of some held-out frames that show
/// the most: nobody wants to begin with a wall before the nose.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write_world<B: AutodiffBackend>(
    trained: &Trained<B>,
    file: &WorldFile,
    seed: u64,
    dataset: &Dataset,
    held_out: &LatentStore,
    device: &B::Device,
) -> Result<()> {
    let mut world = World::<B::InnerBackend>::new(&trained.origin.sizes, device)?;
    world.vae = trained.origin.vae.valid();
    world.dit = trained.dit.clone();
    let mut rng = step_rng(seed, 1);
    let candidates = held_out.draw(&mut rng, STARTS * CANDIDATES, 1)?;
    let candidates = held_out.windows(&candidates, 1, device).latents;
    world.starts = most_to_see(candidates.squeeze_dim(1), STARTS);

    let bytes = world.to_bytes(WeightsDtype::F16)?;
    let weights = WeightsFile {
        file: format!("{}.safetensors", file.name),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(&bytes),
    };
    write_atomic(&file.path.with_file_name(&weights.file), &bytes)?;
    let manifest = WorldManifest {
        version: MANIFEST_VERSION,
        name: file.name.clone(),
        fps: dataset.fps(),
        schema: dataset.schema().clone(),
        config: trained.origin.sizes.clone(),
        weights,
        trained_on: TrainedOn {
            game: dataset
                .episodes()
                .first()
                .map(|e| e.metadata().game.clone())
                .unwrap_or_default(),
            frames: trained.frames,
            vae_steps: trained.origin.vae_steps,
            dit_steps: trained.origin.dit_steps + trained.step,
            machine: machine::<B::InnerBackend>(device),
        },
        quality: BTreeMap::new(),
    };
    Ok(manifest.save(&file.path)?)
}
