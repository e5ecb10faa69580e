//! The video diffusion transformer.

mod block;
mod modulation;
mod sight;

pub use block::{DitBlock, FrameKv};
pub use modulation::{Modulation, Modulators};
pub use sight::Sight;

use burn::module::{Initializer, Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::backend::Backend;
use burn::tensor::{FloatDType, Tensor};
use bvgdm_core::DitConfig;

use crate::layers::{
    ChannelOrder, LevelEmbedder, Rope, linear, modulate, newest, patchify, unpatchify,
};
use modulation::zero_linear;

/// Latents, noise levels and actions to a prediction for every frame (Peebles and Xie 2023, with
/// the temporal attention of Oasis).
#[derive(Module, Debug)]
pub struct Dit<B: Backend> {
    /// Latent patch (and the previous frame's, if it is seen) to a token.
    pub x_embedder: Linear<B>,
    /// Noise level to the condition.
    pub level_embedder: LevelEmbedder<B>,
    /// Action vector to the condition; absent for a world without actions.
    pub action_embedder: Option<Linear<B>>,
    /// Learned vector of each place, `[tokens, D]`.
    pub positions: Option<Param<Tensor<B, 2>>>,
    /// The adaLN projections that all blocks share, if they do.
    pub shared: Option<Modulators<B>>,
    /// Blocks.
    pub blocks: Vec<DitBlock<B>>,
    /// adaLN of the final layer, `[D, 2 D]`.
    pub final_adaln: Linear<B>,
    /// Token to latent patch, channels innermost.
    pub final_linear: Linear<B>,
    #[module(skip)]
    config: DitConfig,
    #[module(skip)]
    precision: FloatDType,
}

/// What the network gets; `F` frames, which are those of a window, several streams of one, or just the
/// newest.
pub struct DitInput<B: Backend> {
    /// Noisy latents `[batch, F, C, H, W]`.
    pub x: Tensor<B, 5>,
    /// The latents of the frames before them, same shape; used if the configuration says so.
    pub previous: Option<Tensor<B, 5>>,
    /// Timesteps in [0, 1000), `[batch, F]`.
    pub timestep: Tensor<B, 2>,
    /// Normalised action that led to each frame, `[batch, F, actions]`.
    pub actions: Tensor<B, 3>,
}

/// What a pass gives.
pub struct DitOutput<B: Backend> {
    /// The prediction for every frame, `[batch, F, C, H, W]`.
    pub prediction: Tensor<B, 5>,
    /// Every block's temporal keys and values of these frames.
    pub kv: Vec<FrameKv<B>>,
}

impl<B: Backend> Dit<B> {
    /// New weights; adaLN and the final layer start at zero (adaLN-Zero).
    pub fn new(config: &DitConfig, device: &B::Device) -> Self {
        let d = config.hidden;
        let cell = config.channels * config.patch * config.patch;
        let input = cell * (1 + usize::from(config.see_previous));
        let spread = Initializer::Normal {
            mean: 0.0,
            std: 0.02,
        };
        let positions = config
            .learned_positions
            .then(|| spread.init([config.tokens(), d], device));
        Self {
            x_embedder: LinearConfig::new(input, d).init(device),
            level_embedder: LevelEmbedder::new(d, device),
            action_embedder: (config.actions > 0)
                .then(|| LinearConfig::new(config.actions, d).init(device)),
            positions,
            shared: config.shared_adaln.then(|| Modulators::new(config, device)),
            blocks: (0..config.depth)
                .map(|_| DitBlock::new(config, device))
                .collect(),
            final_adaln: zero_linear(d, 2 * d, device),
            final_linear: zero_linear(d, cell, device),
            config: config.clone(),
            precision: FloatDType::F32,
        }
    }

    /// Sizes.
    pub fn config(&self) -> &DitConfig {
        &self.config
    }

    /// The same weights, whose products are taken at this precision from now on; the stream between the
    /// blocks' branches, and the weights themselves, keep theirs (Micikevicius et al. 2018).
    pub fn with_precision(mut self, precision: FloatDType) -> Self {
        self.precision = precision;
        self
    }

    /// The same weights, whose frames see this many, themselves included: no weight's shape depends on it.
    pub fn with_window(mut self, window: usize) -> Self {
        self.config.window = window;
        self
    }

    /// One pass over `F` frames, each seeing what `sight` lets it see of them and of `past`, the
    /// cached keys and values of earlier frames (one for each block).
    pub fn forward(
        &self,
        input: DitInput<B>,
        sight: &Sight<B>,
        past: Option<&[FrameKv<B>]>,
    ) -> DitOutput<B> {
        let mut kv = Vec::with_capacity(self.blocks.len());
        let prediction = self.pass(input, |i, block, x, modulation, spatial| {
            let past = past.and_then(|past| past.get(i));
            let (x, own) = block.forward(x, modulation, spatial, sight, past);
            kv.push(own);
            x
        });
        DitOutput { prediction, kv }
    }

    /// The prediction of [`forward`](Self::forward) without a past for the last `wanted` frames,
    /// `[batch, wanted, C, H, W]`, when nothing goes on from these frames: training. Of the others the
    /// last block computes keys and values alone.
    pub fn predict(&self, input: DitInput<B>, sight: &Sight<B>, wanted: usize) -> Tensor<B, 5> {
        self.pass(input, |i, block, x, modulation, spatial| {
            let on = match i + 1 == self.blocks.len() {
                true => wanted,
                false => x.dims()[1],
            };
            block.forward_once(x, modulation, spatial, sight, on)
        })
    }

    /// Everything around the blocks; `through` takes the tokens through one.
    fn pass(
        &self,
        input: DitInput<B>,
        mut through: impl FnMut(
            usize,
            &DitBlock<B>,
            Tensor<B, 4>,
            &Modulation<B>,
            &Rope<B>,
        ) -> Tensor<B, 4>,
    ) -> Tensor<B, 5> {
        let config = &self.config;
        let [batch, frames, channels, height, width] = input.x.dims();
        let device = input.x.device();
        let (tokens, d) = (config.tokens(), config.hidden);

        let latent = match input.previous {
            Some(previous) if config.see_previous => Tensor::cat(vec![input.x, previous], 2),
            _ => input.x,
        };
        let planes = latent.dims()[2];
        let latent = latent.reshape([batch * frames, planes, height, width]);
        let mut x = linear(&self.x_embedder, patchify(latent, config.patch));
        if let Some(positions) = &self.positions {
            x = x + positions.val().unsqueeze();
        }
        let mut x = x.reshape([batch, frames, tokens, d]);

        let mut condition = self.level_embedder.forward(input.timestep);
        if let Some(embedder) = &self.action_embedder {
            condition = condition + linear(embedder, input.actions);
        }
        let condition = burn::tensor::activation::silu(condition);
        let shared = self.shared.as_ref().map(|m| m.forward(condition.clone()));

        let axis = config.head_dim() / 2;
        let freq = config.spatial_rope_max_freq;
        let spatial = Rope::axial(config.grid(), config.head_dim(), axis, freq, &device);
        for (i, block) in self.blocks.iter().enumerate() {
            let modulation = block.modulation(&condition, shared.as_ref(), self.precision);
            x = through(i, block, x, &modulation, &spatial);
        }

        let frames = x.dims()[1];
        let modulation = linear(&self.final_adaln, newest(condition, frames));
        let shift = modulation.clone().narrow(2, 0, d).unsqueeze_dim::<4>(2);
        let scale = modulation.narrow(2, d, d).unsqueeze_dim::<4>(2);
        let patches = linear(&self.final_linear, modulate(x, shift, scale));
        let cell = channels * config.patch * config.patch;
        let patches = patches.reshape([batch * frames, tokens, cell]);
        let latent = unpatchify(
            patches,
            config.grid(),
            config.patch,
            ChannelOrder::Innermost,
        );
        latent.reshape([batch, frames, channels, height, width])
    }
}
