//! A trained DiT and its VAE as a world that can be played.

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
/// Stands between two machines.
const BETWEEN: &str = "; ";

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

impl<B: AutodiffBackend> Trained<'_, B> {
    /// All that the weights have seen: what they were begun from, and this run's `game` on this run's `machine`.
    fn on(&self, game: String, machine: String) -> TrainedOn {
        TrainedOn {
            game,
            frames: self.origin.frames.saturating_add(self.frames),
            vae_steps: self.origin.vae_steps,
            dit_steps: self.origin.dit_steps.saturating_add(self.step),
            machine: machines(&self.origin.machine, machine),
        }
    }
}

/// The machines of before, and the one of `now` if it is none of them.
fn machines(before: &str, now: String) -> String {
    if before.is_empty() {
        now
    } else if before.split(BETWEEN).any(|machine| machine == now) {
        before.to_owned()
    } else {
        format!("{before}{BETWEEN}{now}")
    }
}

/// Writes `NAME.world.ron` and `NAME.safetensors`; starts are those of some held-out frames that show
/// the most: nobody wants to begin with a wall before the nose. What was measured of a world of these very weights
/// that is there already stays.
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
    let first = dataset.episodes().first();
    let game = first.map(|episode| episode.metadata().game.clone());
    let manifest = WorldManifest {
        version: MANIFEST_VERSION,
        name: file.name.clone(),
        fps: dataset.fps(),
        schema: dataset.schema().clone(),
        config: trained.origin.sizes.clone(),
        quality: file.measured(&weights, &trained.origin.sizes),
        weights,
        trained_on: trained.on(game.unwrap_or_default(), machine::<B::InnerBackend>(device)),
    };
    Ok(manifest.save(&file.path)?)
}

#[cfg(test)]
mod tests {
    use burn_autodiff::Autodiff;
    use burn_flex::{Flex, FlexDevice};
    use bvgdm_core::preset;
    use bvgdm_model::Vae;

    use super::*;

    #[test]
    fn a_world_trained_further_tells_of_all_its_frames_steps_and_machines() {
        let sizes = preset("arena").unwrap();
        let dit = Dit::<Flex>::new(&sizes.dit, &FlexDevice);
        let origin = Origin::<Autodiff<Flex>> {
            vae: Vae::new(&sizes.vae, &FlexDevice),
            sizes,
            vae_steps: 7,
            dit: None,
            dit_steps: 50,
            paced: None,
            frames: 1000,
            machine: "a card".into(),
        };
        let trained = Trained {
            origin: &origin,
            dit: &dit,
            step: 3,
            frames: 24,
        };
        let expected = TrainedOn {
            game: "arena".into(),
            frames: 1024,
            vae_steps: 7,
            dit_steps: 53,
            machine: "a card; a laptop".into(),
        };
        assert_eq!(trained.on("arena".into(), "a laptop".into()), expected);
    }

    #[test]
    fn every_machine_is_named_once() {
        for (before, now, all) in [
            ("", "a", "a"),
            ("a", "a", "a"),
            ("a", "b", "a; b"),
            ("a; b", "b", "a; b"),
            ("a; b", "a b", "a; b; a b"),
        ] {
            assert_eq!(machines(before, now.to_owned()), all);
        }
    }
}
