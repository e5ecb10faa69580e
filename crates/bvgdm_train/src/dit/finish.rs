//! A trained DiT and its VAE as a world that can be played.

use std::collections::BTreeMap;
use std::fs;

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{
    CoreError, MANIFEST_VERSION, TrainedOn, WeightsFile, WorldConfig, WorldManifest, sha256_hex,
    write_atomic,
};
use bvgdm_data::Dataset;
use bvgdm_model::{Dit, Vae, WeightsDtype, World};

use crate::config::DitTrainConfig;
use crate::data::{LatentStore, step_rng};
use crate::error::Result;

/// Places where a player may start.
const STARTS: usize = 16;

/// What was trained.
pub struct Trained<'a, B: Backend> {
    /// Sizes.
    pub sizes: &'a WorldConfig,
    /// The VAE whose latents it was trained on.
    pub vae: &'a Vae<B>,
    /// The averaged weights.
    pub dit: &'a Dit<B>,
    /// Steps so far.
    pub step: u64,
}

/// Writes `NAME.world.ron` and `NAME.safetensors`; starts are held-out frames.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write_world<B: Backend>(
    trained: &Trained<B>,
    config: &DitTrainConfig,
    dataset: &Dataset,
    held_out: &LatentStore,
    device: &B::Device,
) -> Result<()> {
    let mut world = World::new(trained.sizes, device)?;
    world.vae = trained.vae.clone();
    world.dit = trained.dit.clone();
    let starts = held_out.draw(&mut step_rng(config.run.seed, 1), STARTS, 1)?;
    let starts: Tensor<B, 5> = held_out.windows(&starts, 1, device).latents;
    world.starts = starts.squeeze_dim(1);

    let file = config
        .world
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let name = file
        .trim_end_matches(".ron")
        .trim_end_matches(".world")
        .to_owned();
    if let Some(folder) = config.world.parent() {
        fs::create_dir_all(folder).map_err(|e| CoreError::io(folder, e))?;
    }
    let bytes = world.to_bytes(WeightsDtype::F16)?;
    let weights = WeightsFile {
        file: format!("{name}.safetensors"),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(&bytes),
    };
    write_atomic(&config.world.with_file_name(&weights.file), &bytes)?;
    let manifest = WorldManifest {
        version: MANIFEST_VERSION,
        name,
        fps: dataset.fps(),
        schema: dataset.schema().clone(),
        config: trained.sizes.clone(),
        weights,
        trained_on: TrainedOn {
            game: dataset
                .episodes()
                .first()
                .map(|e| e.metadata().game.clone())
                .unwrap_or_default(),
            frames: dataset.frame_count() as u64,
            vae_steps: vae_steps(config),
            dit_steps: trained.step,
            machine: String::new(),
        },
        quality: BTreeMap::new(),
    };
    Ok(manifest.save(&config.world)?)
}

/// The step of the VAE run's newest checkpoint.
fn vae_steps(config: &DitTrainConfig) -> u64 {
    crate::run::checkpoints_in(&config.vae)
        .pop()
        .map_or(0, |(step, _)| step)
}
