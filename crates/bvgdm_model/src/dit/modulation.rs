//! adaLN: shift, scale and gate from the condition.

use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::DitConfig;

use crate::layers::{linear, newest};

/// The projections from the condition to a block's modulation, one for each half.
#[derive(Module, Debug)]
pub struct Modulators<B: Backend> {
    /// Of the spatial half: shift, scale, gate of the attention, then of its MLP if it has one.
    pub spatial: Linear<B>,
    /// Of the temporal half: shift, scale, gate of the attention, then of the MLP.
    pub temporal: Linear<B>,
}

/// A block's modulation of every frame, `[batch, F, 3 D or 6 D]` each.
#[derive(Clone)]
pub struct Modulation<B: Backend> {
    /// Of the spatial half.
    pub spatial: Tensor<B, 3>,
    /// Of the temporal half.
    pub temporal: Tensor<B, 3>,
}

impl<B: Backend> Modulators<B> {
    /// New projections that start at zero.
    pub fn new(config: &DitConfig, device: &B::Device) -> Self {
        let [spatial, temporal] = widths(config);
        Self {
            spatial: zero_linear(config.hidden, spatial, device),
            temporal: zero_linear(config.hidden, temporal, device),
        }
    }

    /// `condition: [batch, F, D]`, after its SiLU.
    pub fn forward(&self, condition: Tensor<B, 3>) -> Modulation<B> {
        Modulation {
            spatial: linear(&self.spatial, condition.clone()),
            temporal: linear(&self.temporal, condition),
        }
    }
}

impl<B: Backend> Modulation<B> {
    /// Of the last `frames` frames.
    pub(super) fn newest(&self, frames: usize) -> Self {
        Self {
            spatial: newest(self.spatial.clone(), frames),
            temporal: newest(self.temporal.clone(), frames),
        }
    }

    /// Shift, scale and gate of sub-layer `i` (0 attention, 1 MLP) of one half, each
    /// `[batch, F, 1, D]`.
    pub(super) fn part(half: &Tensor<B, 3>, i: usize, d: usize) -> [Tensor<B, 4>; 3] {
        [0, 1, 2].map(|j| half.clone().narrow(2, (3 * i + j) * d, d).unsqueeze_dim(2))
    }
}

/// Widths of the spatial and the temporal half's modulation.
pub(super) fn widths(config: &DitConfig) -> [usize; 2] {
    let d = config.hidden;
    [3 * d * (1 + usize::from(config.spatial_mlp)), 6 * d]
}

/// A linear layer of zeros.
pub(super) fn zero_linear<B: Backend>(
    inputs: usize,
    outputs: usize,
    device: &B::Device,
) -> Linear<B> {
    LinearConfig::new(inputs, outputs)
        .with_initializer(Initializer::Zeros)
        .init(device)
}
