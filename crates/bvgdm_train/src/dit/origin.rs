//! What a run begins from: a VAE and new weights, or a world.

use std::path::Path;

use burn::module::Module as _;
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::{ActionSchema, FPS, WorldConfig, preset};
use bvgdm_data::Dataset;
use bvgdm_model::{Dit, Vae, World};

use crate::config::DitTrainConfig;
use crate::error::{Result, TrainError};
use crate::run::checkpoints_in;
use crate::vae::load_vae;

/// Sizes, VAE and first weights of a run.
pub struct Origin<B: AutodiffBackend> {
    /// Sizes of both networks.
    pub sizes: WorldConfig,
    /// What makes latents of frames, and is not trained any more.
    pub vae: Vae<B>,
    /// Optimiser steps that the VAE has seen; 0 if nobody wrote it down.
    pub vae_steps: u64,
    /// The weights of a world.
    pub dit: Option<Dit<B>>,
    /// Optimiser steps that they have seen.
    pub dit_steps: u64,
    /// The world's frames a second, if the recording has others.
    pub paced: Option<f64>,
    /// Frames that the weights were trained on.
    pub frames: u64,
    /// The machines that trained them, `; ` between two; empty for new weights.
    pub machine: String,
}

impl<B: AutodiffBackend> Origin<B> {
    /// Reads what `config` names, and checks that it goes with the recording.
    ///
    /// # Errors
    /// When a file cannot be used, or the recording has no actions, others than the world, or more frames a
    /// second than a world may have.
    pub fn load(config: &DitTrainConfig, dataset: &Dataset, device: &B::Device) -> Result<Self> {
        if dataset.schema().is_empty() {
            let what = "actions of the recording (a video without them trains the VAE only)";
            return Err(TrainError::unsuitable(what, "at least one", 0));
        }
        if !FPS.contains(&dataset.fps()) {
            let what = "frames a second of the recording";
            let expected = format!("{} to {}", FPS.start(), FPS.end());
            return Err(TrainError::unsuitable(what, expected, dataset.fps()));
        }
        let (vae, vae_steps) = match &config.vae {
            Some(folder) => {
                let vae = load_vae::<B>(folder, dataset.size(), device)?.no_grad();
                // The step of the run's newest checkpoint.
                let step = checkpoints_in(folder).pop().map_or(0, |(step, _)| step);
                (Some(vae), step)
            }
            None => (None, 0),
        };
        let Some(world) = &config.run.from else {
            let nothing = || TrainError::unsuitable("what the run begins from", "a VAE", "none");
            let vae = vae.ok_or_else(nothing)?;
            return Self::of_preset(&config.run.preset, vae, vae_steps, dataset);
        };
        let mut origin = Self::of_world(world, dataset, device)?;
        if let Some(vae) = vae {
            let (expected, found) = (origin.vae.config(), vae.config());
            if expected.latent_shape() != found.latent_shape() {
                let what = "latents of the VAE (channels, rows, columns)";
                let [expected, found] =
                    [expected, found].map(|c| format!("{:?}", c.latent_shape()));
                return Err(TrainError::unsuitable(what, expected, found));
            }
            origin.sizes.vae = vae.config().clone();
            (origin.vae, origin.vae_steps) = (vae, vae_steps);
        }
        Ok(origin)
    }

    /// New weights in the sizes of a preset.
    fn of_preset(name: &str, vae: Vae<B>, vae_steps: u64, dataset: &Dataset) -> Result<Self> {
        let mut sizes = preset(name)?;
        sizes.vae = vae.config().clone();
        // The DiT works on the latents of this VAE, whatever the preset's has.
        let latent = sizes.vae.latent_shape();
        [sizes.dit.channels, sizes.dit.height, sizes.dit.width] = latent;
        sizes.dit.actions = dataset.schema().len();
        sizes.validate()?;
        Ok(Self {
            sizes,
            vae,
            vae_steps,
            dit: None,
            dit_steps: 0,
            paced: None,
            frames: 0,
            machine: String::new(),
        })
    }

    fn of_world(manifest: &Path, dataset: &Dataset, device: &B::Device) -> Result<Self> {
        let (world, manifest) = World::<B>::load(manifest, device)?;
        if manifest.schema != *dataset.schema() {
            let list = |schema: &ActionSchema| format!("{:?}", schema.actions);
            return Err(TrainError::unsuitable(
                "actions of the recording",
                list(&manifest.schema),
                list(dataset.schema()),
            ));
        }
        Ok(Self {
            sizes: world.config,
            vae: world.vae.no_grad(),
            vae_steps: manifest.trained_on.vae_steps,
            dit: Some(world.dit),
            dit_steps: manifest.trained_on.dit_steps,
            paced: (!manifest.has_rate(dataset.fps())).then_some(manifest.fps),
            frames: manifest.trained_on.frames,
            machine: manifest.trained_on.machine,
        })
    }
}
