//! A world that is being played, frame by frame.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use bvgdm_core::{ActionVector, Frame, WorldManifest};
use bvgdm_model::{PlaySettings, Rollout, World};

use crate::sampling::Sampling;

/// A world, its roll-out and what its actions are called.
pub struct Player<B: Backend> {
    pub world: World<B>,
    pub manifest: WorldManifest,
    rollout: Rollout<B>,
    /// So many have been drawn.
    frames: u64,
}

/// A generated frame and how long it took.
pub struct Played {
    pub frame: Frame,
    /// Committing the frame before and denoising this one.
    pub denoise: Duration,
    /// Latent to 8-bit pixels.
    pub decode: Duration,
}

impl<B: Backend> Player<B> {
    /// Loads a world and begins at one of its starts.
    pub fn load(
        manifest: &Path,
        start: usize,
        seed: u64,
        sampling: Sampling,
        device: &B::Device,
    ) -> Result<Self> {
        let (world, manifest) = World::<B>::load(manifest, device)?;
        let sampler = sampling.checked(&world.config)?;
        let starts = world.starts.dims()[0];
        if start >= starts {
            bail!("--start: expected 0 to {}, found {start}", starts - 1);
        }
        let latent = world.starts.clone().narrow(0, start, 1).unsqueeze_dim(0);
        let still = action_tensor(&world, &manifest, &manifest.schema.zeros());
        let rollout = Rollout::new(&world, PlaySettings { sampler, seed }, latent, still);
        Ok(Self {
            world,
            manifest,
            rollout,
            frames: 0,
        })
    }

    /// Draws the next frame. Of numbers that are none the latent is looked at.
    pub fn step(&mut self, action: &ActionVector) -> Result<Played> {
        let begin = Instant::now();
        let action = action_tensor(&self.world, &self.manifest, action);
        let latent = self.rollout.step(&self.world, action);
        // Engines that work ahead have to finish this part before the clock is read.
        B::sync(&self.world.device)?;
        let denoise = begin.elapsed();
        self.frames += 1;
        let numbers = latent.clone().into_data().convert::<f32>();
        let numbers = numbers.to_vec::<f32>().unwrap_or_default();
        if numbers.is_empty() || !numbers.iter().all(|value| value.is_finite()) {
            bail!("{}", not_finite(self.frames));
        }
        let begin = Instant::now();
        let frame = self.world.decode(latent.squeeze_dim(1)).pop();
        let decode = begin.elapsed();
        match frame {
            Some(frame) => Ok(Played {
                frame,
                denoise,
                decode,
            }),
            None => bail!("the engine gave no pixels"),
        }
    }
}

/// What is said of a frame, the first after the start being number 1, whose numbers are none.
pub fn not_finite(frame: u64) -> String {
    format!("frame {frame}: expected finite numbers from the network, found NaN or infinity")
}

/// `[1, 1, actions]`.
fn action_tensor<B: Backend>(
    world: &World<B>,
    manifest: &WorldManifest,
    action: &ActionVector,
) -> Tensor<B, 3> {
    let values = manifest.schema.normalize(action);
    let shape = [1, 1, values.len()];
    Tensor::from_data(TensorData::new(values, shape), &world.device)
}
