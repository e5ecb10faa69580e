//! Which frame sees which, and where each stands in time.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};

use crate::layers::Rope;

/// The temporal side of a pass: positions of its frames and what each of them may look at.
#[derive(Debug, Clone)]
pub struct Sight<B: Backend> {
    rope: Rope<B>,
    bias: Option<Tensor<B, 4>>,
}

/// Added to the score of what must not be seen. An additive bias and not a mask: burn-tch 0.21 reads
/// a mask the other way round.
const HIDDEN: f32 = -1e4;

impl<B: Backend> Sight<B> {
    /// `positions` of the frames of this pass; `sees(query, key)` over the keys of the cached
    /// frames first and those of this pass after them (`keys` in all).
    pub fn new(
        positions: &[u64],
        keys: usize,
        head_dim: usize,
        theta: f64,
        device: &B::Device,
        sees: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let queries = positions.len();
        let bias: Vec<f32> = (0..queries * keys)
            .map(|i| {
                if sees(i / keys, i % keys) {
                    0.0
                } else {
                    HIDDEN
                }
            })
            .collect();
        // Nothing hidden: no bias, which every backend does faster.
        let bias = bias
            .contains(&HIDDEN)
            .then(|| Tensor::from_data(TensorData::new(bias, [1, 1, queries, keys]), device));
        Self {
            rope: Rope::temporal(positions, head_dim, theta, device),
            bias,
        }
    }

    /// A stretch of `frames` frames where each sees itself and the `window - 1` before it.
    pub fn banded(
        frames: usize,
        window: usize,
        head_dim: usize,
        theta: f64,
        device: &B::Device,
    ) -> Self {
        let positions: Vec<u64> = (0..frames as u64).collect();
        Self::new(&positions, frames, head_dim, theta, device, |query, key| {
            key <= query && query - key < window
        })
    }

    /// Several streams of the same `frames` frames: first the context, which sees itself as
    /// [`banded`](Self::banded) does, then `targets` of targets, each of which sees the context before it
    /// and itself, exactly as a frame does that is being drawn.
    pub fn streams(
        frames: usize,
        targets: usize,
        window: usize,
        head_dim: usize,
        theta: f64,
        device: &B::Device,
    ) -> Self {
        let all = (1 + targets) * frames;
        let positions: Vec<u64> = (0..all).map(|i| (i % frames) as u64).collect();
        Self::new(&positions, all, head_dim, theta, device, |query, key| {
            let (at, other) = (query % frames, key % frames);
            let near = other <= at && at - other < window;
            match (query < frames, key < frames) {
                (true, true) => near,
                (true, false) => false,
                (false, true) => near && other < at,
                (false, false) => query == key,
            }
        })
    }

    pub(super) fn rope(&self) -> &Rope<B> {
        &self.rope
    }

    pub(super) fn bias(&self) -> Option<Tensor<B, 4>> {
        self.bias.clone()
    }
}
