//! The noise level as a vector.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};

use super::linear;

/// Channels of the sinusoidal embedding.
const CHANNELS: usize = 256;

/// Sinusoids of the timestep and two linear layers (Peebles and Xie 2023, as in their code).
#[derive(Module, Debug)]
pub struct LevelEmbedder<B: Backend> {
    /// `[256, D]`.
    pub fc1: Linear<B>,
    /// `[D, D]`.
    pub fc2: Linear<B>,
}

impl<B: Backend> LevelEmbedder<B> {
    /// New layers for vectors of `width` channels.
    pub fn new(width: usize, device: &B::Device) -> Self {
        Self {
            fc1: LinearConfig::new(CHANNELS, width).init(device),
            fc2: LinearConfig::new(width, width).init(device),
        }
    }

    /// Timesteps in [0, 1000) `[batch, frames]` to `[batch, frames, D]`.
    pub fn forward(&self, timestep: Tensor<B, 2>) -> Tensor<B, 3> {
        let half = CHANNELS / 2;
        let rates: Vec<f32> = (0..half)
            .map(|i| (-(10_000f64.ln()) * i as f64 / half as f64).exp() as f32)
            .collect();
        let rates = Tensor::<B, 1>::from_floats(rates.as_slice(), &timestep.device());
        let angles = timestep.unsqueeze_dim::<3>(2) * rates.reshape([1, 1, half]);
        let waves = Tensor::cat(vec![angles.clone().cos(), angles.sin()], 2);
        linear(&self.fc2, activation::silu(linear(&self.fc1, waves)))
    }
}
