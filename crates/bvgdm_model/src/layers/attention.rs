//! Multi-head attention, with the keys' origin left to the caller.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;

/// The projections of one attention: `qkv` to three tensors at once, `out` back to the stream.
#[derive(Module, Debug)]
pub struct Attention<B: Backend> {
    /// `[D, 3 D]`; queries, keys, values in this order, heads outermost within each.
    pub qkv: Linear<B>,
    /// `[D, D]`.
    pub out: Linear<B>,
    heads: usize,
}

/// Queries, keys and values split into heads, each `[batch, heads, sequence, head_dim]`.
pub struct Heads<B: Backend> {
    /// Queries.
    pub q: Tensor<B, 4>,
    /// Keys.
    pub k: Tensor<B, 4>,
    /// Values.
    pub v: Tensor<B, 4>,
}

impl<B: Backend> Attention<B> {
    /// New projections of `width` channels.
    pub fn new(width: usize, heads: usize, qkv_bias: bool, device: &B::Device) -> Self {
        Self {
            qkv: LinearConfig::new(width, 3 * width)
                .with_bias(qkv_bias)
                .init(device),
            out: LinearConfig::new(width, width).init(device),
            heads,
        }
    }

    /// Queries, keys and values over the second axis of `x: [batch, sequence, D]`.
    pub fn heads_along_sequence(&self, x: Tensor<B, 3>) -> Heads<B> {
        let [batch, sequence, width] = x.dims();
        let qkv = self.qkv.forward(x);
        let part = |i: usize| {
            qkv.clone()
                .narrow(2, i * width, width)
                .reshape([batch, sequence, self.heads, width / self.heads])
                .swap_dims(1, 2)
        };
        Heads {
            q: part(0),
            k: part(1),
            v: part(2),
        }
    }

    /// Queries, keys and values over the frames of `x: [batch, frames, N, D]`, one sequence for
    /// each of the `N` places: the result's batch is `batch * N`.
    pub fn heads_along_frames(&self, x: Tensor<B, 4>) -> Heads<B> {
        let [batch, frames, places, width] = x.dims();
        let head = width / self.heads;
        let qkv = self.qkv.forward(x);
        let part = |i: usize| {
            qkv.clone()
                .narrow(3, i * width, width)
                .reshape([batch, frames, places, self.heads, head])
                // [batch, N, heads, frames, head_dim]
                .permute([0, 2, 3, 1, 4])
                .reshape([batch * places, self.heads, frames, head])
        };
        Heads {
            q: part(0),
            k: part(1),
            v: part(2),
        }
    }

    /// Softmax attention and the output projection: `[batch, sequence, D]`.
    pub fn attend(&self, heads: Heads<B>) -> Tensor<B, 3> {
        self.out.forward(mix(heads, None))
    }

    /// As [`attend`](Self::attend), for what [`heads_along_frames`](Self::heads_along_frames)
    /// split: `[batch, frames, N, D]`. `bias: [1, 1, queries, keys]` is added to the scores.
    pub fn attend_frames(
        &self,
        heads: Heads<B>,
        bias: Option<Tensor<B, 4>>,
        places: usize,
    ) -> Tensor<B, 4> {
        let mixed = mix(heads, bias);
        let [sequences, frames, width] = mixed.dims();
        let mixed = mixed
            .reshape([sequences / places, places, frames, width])
            .swap_dims(1, 2);
        self.out.forward(mixed)
    }
}

/// Softmax attention: `[batch, queries, heads head_dim]`. `bias: [1, 1, queries, keys]` is added to
/// the scores.
pub(crate) fn mix<B: Backend>(heads: Heads<B>, bias: Option<Tensor<B, 4>>) -> Tensor<B, 3> {
    let [batch, count, queries, head] = heads.q.dims();
    let keys = heads.k.dims()[2];
    let bias = bias.map(|bias| bias.expand([batch, count, queries, keys]));
    // The scale is given so that every backend takes its plain, deterministic path.
    let options = AttentionModuleOptions {
        scale: Some(1.0 / (head as f64).sqrt()),
        ..Default::default()
    };
    attention(heads.q, heads.k, heads.v, None, bias, options)
        .swap_dims(1, 2)
        .reshape([batch, queries, count * head])
}
