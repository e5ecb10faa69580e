//! A manifest and its weights, ready to play.

use std::path::Path;

use burn::module::{AutodiffModule as _, Module as _};
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{Tensor, TensorData};
use bvgdm_core::{Frame, Schedule, WorldConfig, WorldManifest};

use crate::dit::Dit;
use crate::error::Result;
use crate::vae::Vae;
use crate::weights::{TensorFile, TensorWriter, WeightsDtype, shapes};

/// The name of the tensor of starting latents.
pub(crate) const STARTS: &str = "start.latents";
/// No world starts in more places.
const MAX_STARTS: usize = 256;

/// A world model: VAE, DiT, schedule and the places where a player may start.
#[derive(Debug, Clone)]
pub struct World<B: Backend> {
    /// Sizes, schedule and sampler defaults.
    pub config: WorldConfig,
    /// Pictures to latents and back.
    pub vae: Vae<B>,
    /// Latents and actions to the next latent.
    pub dit: Dit<B>,
    /// Noise levels.
    pub schedule: Schedule,
    /// Latents of first frames, `[starts, C, H, W]`.
    pub starts: Tensor<B, 4>,
    /// Where everything is.
    pub device: B::Device,
}

impl<B: AutodiffBackend> World<B> {
    /// The same world on the engine with gradients, without any: that engine may have kernels that the one
    /// without has not.
    pub fn from_inner(world: &World<B::InnerBackend>) -> Self {
        Self {
            config: world.config.clone(),
            vae: Vae::from_inner(world.vae.clone()).no_grad(),
            dit: Dit::from_inner(world.dit.clone()).no_grad(),
            schedule: world.schedule.clone(),
            starts: Tensor::from_inner(world.starts.clone()),
            device: world.device.clone(),
        }
    }
}

impl<B: Backend> World<B> {
    /// A world with new, random weights, which starts in a grey nothing.
    ///
    /// # Errors
    /// When the configuration is not valid.
    pub fn new(config: &WorldConfig, device: &B::Device) -> Result<Self> {
        config.validate()?;
        let [channels, height, width] = config.vae.latent_shape();
        Ok(Self {
            config: config.clone(),
            vae: Vae::new(&config.vae, device),
            dit: Dit::new(&config.dit, device),
            schedule: Schedule::new(&config.schedule),
            starts: Tensor::zeros([1, channels, height, width], device),
            device: device.clone(),
        })
    }

    /// Reads `NAME.world.ron` and the weights beside it: size and checksum first, then every
    /// tensor's name and shape, then the numbers. Nothing of the networks' size is allocated before
    /// the file is known to hold all of their tensors; in memory there are the networks and one
    /// tensor.
    ///
    /// # Errors
    /// When a file cannot be read or a field or tensor is not what it should be.
    pub fn load(manifest: &Path, device: &B::Device) -> Result<(Self, WorldManifest)> {
        let found = WorldManifest::load(manifest)?;
        let weights = manifest.with_file_name(&found.weights.file);
        TensorFile::verify_file(&weights, &found.weights)?;
        let file = TensorFile::open(&weights)?;
        Ok((Self::of(&found, &file, device)?, found))
    }

    /// A world of this manifest and the content of its weights file, checked as
    /// [`load`](Self::load) does.
    ///
    /// # Errors
    /// When the file is not the manifest's, or a tensor is missing, unexpected, of another shape or
    /// not finite.
    pub fn from_bytes(manifest: &WorldManifest, bytes: &[u8], device: &B::Device) -> Result<Self> {
        manifest.validate()?;
        let path = manifest.weights.file.as_ref();
        TensorFile::verify(path, bytes, &manifest.weights)?;
        Self::of(manifest, &TensorFile::parse(path, bytes)?, device)
    }

    /// Compares the content of a weights file with its manifest: size, checksum, and the names and
    /// shapes of all tensors. Nothing of the networks' size is allocated.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), but for numbers that are not finite.
    pub fn check(manifest: &WorldManifest, bytes: &[u8]) -> Result<()>
    where
        B::Device: Default,
    {
        manifest.validate()?;
        let path = manifest.weights.file.as_ref();
        TensorFile::verify(path, bytes, &manifest.weights)?;
        let file = TensorFile::parse(path, bytes)?;
        Self::modules(manifest, &file, &B::Device::default()).map(|_| ())
    }

    fn of(manifest: &WorldManifest, file: &TensorFile, device: &B::Device) -> Result<Self> {
        let config = &manifest.config;
        let (vae, dit, starts) = Self::modules(manifest, file, device)?;
        Ok(Self {
            config: config.clone(),
            vae: file.apply("vae", vae)?,
            dit: file.apply("dit", dit)?,
            schedule: Schedule::new(&config.schedule),
            starts: Tensor::from_data(TensorData::new(file.floats(STARTS)?, starts), device),
            device: device.clone(),
        })
    }

    /// Modules without numbers, and the shape of the starts, if the file has all of their tensors.
    fn modules(
        manifest: &WorldManifest,
        file: &TensorFile,
        device: &B::Device,
    ) -> Result<(Vae<B>, Dit<B>, [usize; 4])> {
        let config = &manifest.config;
        let [channels, height, width] = config.vae.latent_shape();
        let starts = file
            .shape(STARTS)
            .and_then(|shape| shape.first().copied())
            .unwrap_or(1);
        let starts = [starts.clamp(1, MAX_STARTS), channels, height, width];
        // Modules without numbers yet: a tensor gets its memory when it is filled.
        let vae = Vae::new(&config.vae, device);
        let dit = Dit::new(&config.dit, device);
        let mut expected = shapes("vae", &vae);
        expected.extend(shapes("dit", &dit));
        expected.push((STARTS.to_owned(), starts.to_vec()));
        file.check(&expected)?;
        Ok((vae, dit, starts))
    }

    /// The weights as a safetensors file, with the manifest's fields that belong to it.
    ///
    /// # Errors
    /// When the tensors cannot be written.
    pub fn to_bytes(&self, dtype: WeightsDtype) -> Result<Vec<u8>> {
        let mut writer = TensorWriter::new(dtype);
        writer.push_module("vae", &self.vae)?;
        writer.push_module("dit", &self.dit)?;
        writer.push(STARTS, self.starts.to_data())?;
        writer.finish()
    }

    /// Frames of this world's size to latents `[F, C, H, W]`.
    pub fn encode(&self, frames: &[Frame]) -> Tensor<B, 4> {
        let (width, height) = (self.config.vae.width, self.config.vae.height);
        let mut pixels = Vec::with_capacity(frames.len() * 3 * width * height);
        for frame in frames {
            frame.push_chw(&mut pixels);
        }
        let data = TensorData::new(pixels, [frames.len(), 3, height, width]);
        self.vae.encode(Tensor::from_data(data, &self.device))
    }

    /// Latents `[F, C, H, W]` to frames.
    pub fn decode(&self, latents: Tensor<B, 4>) -> Vec<Frame> {
        let (width, height) = (self.config.vae.width, self.config.vae.height);
        let pixels = self.vae.decode(latents).into_data().convert::<f32>();
        match pixels.as_slice::<f32>() {
            Ok(values) => values
                .chunks_exact(3 * width * height)
                .map(|chw| Frame::from_chw(width, height, chw))
                .collect(),
            // The data was converted to f32 above.
            Err(_) => Vec::new(),
        }
    }

    /// Learned numbers in all.
    pub fn parameters(&self) -> usize {
        self.vae.num_params() + self.dit.num_params()
    }
}
