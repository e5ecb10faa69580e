//! Multi-head attention, with the keys' origin left to the caller.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;

use super::fused::{self, Along};
use super::{Rope, linear};

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

    /// Each frame of `x: [batch, F, N, D]` by itself, over its `N` places.
    pub fn over_places(&self, x: Tensor<B, 4>, rope: &Rope<B>) -> Tensor<B, 4> {
        let qkv = linear(&self.qkv, x);
        let mixed = fused::attention(&qkv, rope, None, self.heads, Along::Places);
        let mixed = mixed.unwrap_or_else(|| mix_places(qkv, rope, self.heads));
        linear(&self.out, mixed)
    }

    /// Each place of `x: [batch, F, N, D]` by itself, over its `F` frames; `bias: [1, 1, F, F]` is
    /// added to the scores. Of the last `on` frames, `[batch, on, N, D]`.
    pub fn over_frames(
        &self,
        x: Tensor<B, 4>,
        rope: &Rope<B>,
        bias: Option<Tensor<B, 4>>,
        on: usize,
    ) -> Tensor<B, 4> {
        let qkv = linear(&self.qkv, x);
        let mixed = fused::attention(&qkv, rope, bias.as_ref(), self.heads, Along::Frames);
        let mixed = mixed.unwrap_or_else(|| mix_frames(qkv, rope, bias, self.heads));
        linear(&self.out, newest(mixed, on))
    }

    /// Queries, keys and values over the frames of `x: [batch, F, N, D]`, not turned yet, one
    /// sequence for each of the `N` places: the result's batch is `batch * N`.
    pub fn heads_along_frames(&self, x: Tensor<B, 4>) -> Heads<B> {
        Heads::of_frames(linear(&self.qkv, x), self.heads)
    }

    /// Softmax attention and the output projection of what
    /// [`heads_along_frames`](Self::heads_along_frames) split: `[batch, F, N, D]`.
    /// `bias: [1, 1, queries, keys]` is added to the scores.
    pub fn attend_frames(
        &self,
        heads: Heads<B>,
        bias: Option<Tensor<B, 4>>,
        places: usize,
    ) -> Tensor<B, 4> {
        linear(&self.out, frames_first(mix(heads, bias), places))
    }
}

/// The last `frames` frames of `[batch, F, ...]`.
pub(crate) fn newest<B: Backend, const D: usize>(x: Tensor<B, D>, frames: usize) -> Tensor<B, D> {
    let all = x.dims()[1];
    if frames == all {
        return x;
    }
    x.narrow(1, all - frames, frames)
}

/// Each frame of `qkv: [batch, F, N, 3 D]` by itself: `[batch, F, N, D]`.
pub(super) fn mix_places<B: Backend>(
    qkv: Tensor<B, 4>,
    rope: &Rope<B>,
    heads: usize,
) -> Tensor<B, 4> {
    let [batch, frames, places, width] = qkv.dims();
    let heads = Heads::of(qkv.reshape([batch * frames, places, width]), heads);
    let mixed = mix(heads.rotated(rope), None);
    mixed.reshape([batch, frames, places, width / 3])
}

/// Each place of `qkv: [batch, F, N, 3 D]` by itself: `[batch, F, N, D]`.
pub(super) fn mix_frames<B: Backend>(
    qkv: Tensor<B, 4>,
    rope: &Rope<B>,
    bias: Option<Tensor<B, 4>>,
    heads: usize,
) -> Tensor<B, 4> {
    let places = qkv.dims()[2];
    let heads = Heads::of_frames(qkv, heads).rotated(rope);
    frames_first(mix(heads, bias), places)
}

impl<B: Backend> Heads<B> {
    /// Of `qkv: [batch, sequence, 3 D]`.
    fn of(qkv: Tensor<B, 3>, heads: usize) -> Self {
        let [batch, sequence, width] = qkv.dims();
        let width = width / 3;
        Self::of_parts(|i| {
            qkv.clone()
                .narrow(2, i * width, width)
                .reshape([batch, sequence, heads, width / heads])
                .swap_dims(1, 2)
        })
    }

    /// Of `qkv: [batch, F, N, 3 D]`, whose sequences are the frames: the batch is `batch * N`.
    fn of_frames(qkv: Tensor<B, 4>, heads: usize) -> Self {
        let [batch, frames, places, width] = qkv.dims();
        let width = width / 3;
        let head = width / heads;
        Self::of_parts(|i| {
            qkv.clone()
                .narrow(3, i * width, width)
                .reshape([batch, frames, places, heads, head])
                // [batch, N, heads, frames, head_dim]
                .permute([0, 2, 3, 1, 4])
                .reshape([batch * places, heads, frames, head])
        })
    }

    fn of_parts(part: impl Fn(usize) -> Tensor<B, 4>) -> Self {
        Self {
            q: part(0),
            k: part(1),
            v: part(2),
        }
    }

    fn rotated(self, rope: &Rope<B>) -> Self {
        Self {
            q: rope.rotate(self.q),
            k: rope.rotate(self.k),
            v: self.v,
        }
    }
}

/// `[batch * N, F, D]` to `[batch, F, N, D]`.
fn frames_first<B: Backend>(mixed: Tensor<B, 3>, places: usize) -> Tensor<B, 4> {
    let [sequences, frames, width] = mixed.dims();
    mixed
        .reshape([sequences / places, places, frames, width])
        .swap_dims(1, 2)
}

/// Softmax attention: `[batch, queries, heads head_dim]`. `bias: [1, 1, queries, keys]` is added to
/// the scores.
pub(crate) fn mix<B: Backend>(heads: Heads<B>, bias: Option<Tensor<B, 4>>) -> Tensor<B, 3> {
    let [batch, count, queries, head] = heads.q.dims();
    let keys = heads.k.dims()[2];
    let dtype = heads.q.dtype();
    let bias = bias.map(|bias| bias.cast(dtype).expand([batch, count, queries, keys]));
    // The scale is given so that every backend takes its plain, deterministic path.
    let options = AttentionModuleOptions {
        scale: Some(1.0 / (head as f64).sqrt()),
        ..Default::default()
    };
    attention(heads.q, heads.k, heads.v, None, bias, options)
        .swap_dims(1, 2)
        .reshape([batch, queries, count * head])
}
