//! A trained DiT and its VAE as a world that can be played.

use std::collections::BTreeMap;

use burn::module::AutodiffModule as _;
use burn::tensor::Tensor;
use burn::tensor::backend::{AutodiffBackend, Backend};
use bvgdm_core::{
    MANIFEST_VERSION, TrainedOn, WeightsFile, WorldManifest, sha256_hex, write_atomic,
};
use bvgdm_data::Dataset;
use bvgdm_model::{Dit, WeightsDtype, World};

use super::origin::Origin;
use super::world_file::WorldFile;
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

/// The engine and what it runs on.
fn machine<B: Backend>(device: &B::Device) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let engine = B::name(device);
    format!("{engine} on {system} {processor}, cores: {cores}")
}

/// The `count` latents of `all: [N, C, H, W]` that vary most from place to place.
fn most_to_see<B: Backend>(all: Tensor<B, 4>, count: usize) -> Tensor<B, 4> {
    let variance = all.clone().flatten::<3>(2, 3).var(2).mean_dim(1);
    let order = variance.flatten::<1>(0, 2).argsort_descending(0);
    let count = count.min(order.dims()[0]);
    all.select(0, order.narrow(0, 0, count))
}

#[cfg(test)]
mod tests {
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    #[test]
    fn starts_are_the_latents_with_the_most_to_see() {
        // Flat, a little, much: all with the same mean.
        let all = [[4.0, 4.0], [3.0, 5.0], [0.0, 8.0]].map(|[a, b]| [[[a, b]]]);
        let all = Tensor::<Flex, 4>::from_data(all, &FlexDevice);
        let found = most_to_see(all, 2).into_data().to_vec::<f32>().unwrap();
        assert_eq!(found, [0.0, 8.0, 3.0, 5.0]);
    }
}
