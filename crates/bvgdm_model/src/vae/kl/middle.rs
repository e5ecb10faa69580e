//! The innermost part: two residual blocks around one attention over all cells.

use burn::module::Module;
use burn::nn::{GroupNorm, Linear, LinearConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::KlConfig;

use super::KlResidual;
use super::residual::group_norm;
use crate::layers::{Heads, mix};

/// Residual block, attention, residual block.
#[derive(Module, Debug)]
pub struct KlMiddle<B: Backend> {
    /// Two.
    pub resnets: Vec<KlResidual<B>>,
    /// One or none.
    pub attentions: Vec<KlAttention<B>>,
}

/// Attention with a single head over the cells of one frame.
#[derive(Module, Debug)]
pub struct KlAttention<B: Backend> {
    /// Before the projections.
    pub group_norm: GroupNorm<B>,
    /// Queries, `[D, D]`.
    pub to_q: Linear<B>,
    /// Keys, `[D, D]`.
    pub to_k: Linear<B>,
    /// Values, `[D, D]`.
    pub to_v: Linear<B>,
    /// Back to the stream, `[D, D]`.
    pub to_out: Linear<B>,
}

impl<B: Backend> KlMiddle<B> {
    /// New weights.
    pub fn new(net: &KlConfig, device: &B::Device) -> Self {
        let (width, groups) = (net.inner(), net.norm_groups);
        let residual = |_| KlResidual::new(width, width, groups, device);
        let attentions = usize::from(net.mid_attention);
        Self {
            resnets: (0..2).map(residual).collect(),
            attentions: (0..attentions)
                .map(|_| KlAttention::new(width, groups, device))
                .collect(),
        }
    }

    /// `x: [F, D, H, W]` to the same.
    pub fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let mut x = x;
        for (i, residual) in self.resnets.iter().enumerate() {
            x = residual.forward(x);
            if let Some(attention) = self.attentions.get(i) {
                x = attention.forward(x);
            }
        }
        x
    }
}

impl<B: Backend> KlAttention<B> {
    /// New weights.
    pub fn new(width: usize, groups: usize, device: &B::Device) -> Self {
        let linear = || LinearConfig::new(width, width).init(device);
        Self {
            group_norm: group_norm(groups, width, device),
            to_q: linear(),
            to_k: linear(),
            to_v: linear(),
            to_out: linear(),
        }
    }

    /// `x: [F, D, H, W]` to the same.
    pub fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let [frames, width, rows, columns] = x.dims();
        let cells = self
            .group_norm
            .forward(x.clone())
            .reshape([frames, width, rows * columns])
            .swap_dims(1, 2);
        // [F, 1, H W, D]
        let head = |linear: &Linear<B>| linear.forward(cells.clone()).unsqueeze_dim(1);
        let heads = Heads {
            q: head(&self.to_q),
            k: head(&self.to_k),
            v: head(&self.to_v),
        };
        let mixed = self.to_out.forward(mix(heads, None));
        x + mixed
            .swap_dims(1, 2)
            .reshape([frames, width, rows, columns])
    }
}
