//! The residual block.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{GroupNorm, GroupNormConfig};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};

use crate::layers::{conv1, conv3};

/// Group norm, SiLU and convolution, twice, beside the input (He et al. 2016).
#[derive(Module, Debug)]
pub struct KlResidual<B: Backend> {
    /// Before the first convolution.
    pub norm1: GroupNorm<B>,
    /// To the new width.
    pub conv1: Conv2d<B>,
    /// Before the second convolution.
    pub norm2: GroupNorm<B>,
    /// At the new width.
    pub conv2: Conv2d<B>,
    /// Brings the input to the new width, where that is another.
    pub conv_shortcut: Option<Conv2d<B>>,
}

impl<B: Backend> KlResidual<B> {
    /// New weights.
    pub fn new(inputs: usize, outputs: usize, groups: usize, device: &B::Device) -> Self {
        Self {
            norm1: group_norm(groups, inputs, device),
            conv1: conv3(inputs, outputs, device),
            norm2: group_norm(groups, outputs, device),
            conv2: conv3(outputs, outputs, device),
            conv_shortcut: (inputs != outputs).then(|| conv1(inputs, outputs, device)),
        }
    }

    /// `[F, inputs, H, W]` to `[F, outputs, H, W]`.
    pub fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let hidden = activation::silu(self.norm1.forward(x.clone()));
        let hidden = activation::silu(self.norm2.forward(self.conv1.forward(hidden)));
        let beside = match &self.conv_shortcut {
            Some(conv) => conv.forward(x),
            None => x,
        };
        beside + self.conv2.forward(hidden)
    }
}

/// A group norm (Wu and He 2018) with gain and offset.
pub(super) fn group_norm<B: Backend>(
    groups: usize,
    channels: usize,
    device: &B::Device,
) -> GroupNorm<B> {
    GroupNormConfig::new(groups, channels)
        .with_epsilon(1e-6)
        .init(device)
}
