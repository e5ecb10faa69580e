//! Rotary positions (RoFormer, Su et al. 2021).
//!
//! A head's channels are ordered by halves: pair `i` is `(i, i + head_dim / 2)`, so that a rotation
//! is two contiguous slices on every engine. Checkpoints with interleaved pairs are brought into
//! this order at import by [`rotate_half_order`]; attention does not change by it.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

/// Cosines and sines of a sequence of positions, each `[sequence, head_dim / 2]`.
#[derive(Debug, Clone)]
pub struct Rope<B: Backend> {
    cos: Tensor<B, 2>,
    sin: Tensor<B, 2>,
}

impl<B: Backend> Rope<B> {
    /// Temporal positions: angle `position · θ^(−2i / head_dim)`. Computed in f64, so that a frame
    /// after days of play is as exact as the first.
    pub fn temporal(positions: &[u64], head_dim: usize, theta: f64, device: &B::Device) -> Self {
        let half = head_dim / 2;
        let angles = positions.iter().flat_map(|&position| {
            (0..half).map(move |i| position as f64 * theta.powf(-2.0 * i as f64 / head_dim as f64))
        });
        Self::of_angles(angles, [positions.len(), half], device)
    }

    /// Axial positions over a grid, frequencies `linspace(1, max_freq / 2) · π` and positions
    /// `linspace(−1, 1)` on each axis: the first `axis_dims / 2` pairs turn with the row, as many
    /// with the column, the rest stay.
    pub fn axial(
        [rows, columns]: [usize; 2],
        head_dim: usize,
        axis_dims: usize,
        max_freq: f64,
        device: &B::Device,
    ) -> Self {
        let (half, pairs) = (head_dim / 2, axis_dims / 2);
        let frequency = |i: usize| linspace(1.0, max_freq / 2.0, pairs, i) * std::f64::consts::PI;
        let angles = (0..rows * columns).flat_map(|place| {
            let y = linspace(-1.0, 1.0, rows, place / columns);
            let x = linspace(-1.0, 1.0, columns, place % columns);
            (0..half).map(move |i| match i {
                i if i < pairs => y * frequency(i),
                i if i < 2 * pairs => x * frequency(i - pairs),
                _ => 0.0,
            })
        });
        Self::of_angles(angles, [rows * columns, half], device)
    }

    fn of_angles(
        angles: impl Iterator<Item = f64> + Clone,
        shape: [usize; 2],
        device: &B::Device,
    ) -> Self {
        let table = |f: fn(f64) -> f64| {
            let values: Vec<f32> = angles.clone().map(|angle| f(angle) as f32).collect();
            Tensor::<B, 1>::from_floats(values.as_slice(), device).reshape(shape)
        };
        Self {
            cos: table(f64::cos),
            sin: table(f64::sin),
        }
    }

    /// Cosines and sines, each `[sequence, head_dim / 2]`.
    pub fn tables(&self) -> [&Tensor<B, 2>; 2] {
        [&self.cos, &self.sin]
    }

    /// Turns queries or keys `[batch, heads, sequence, head_dim]`.
    pub fn rotate(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let half = x.dims()[3] / 2;
        let cos = self.cos.clone().cast(x.dtype()).unsqueeze::<4>();
        let sin = self.sin.clone().cast(x.dtype()).unsqueeze::<4>();
        let first = x.clone().narrow(3, 0, half);
        let second = x.narrow(3, half, half);
        Tensor::cat(
            vec![
                first.clone() * cos.clone() - second.clone() * sin.clone(),
                second * cos + first * sin,
            ],
            3,
        )
    }
}

/// Where each channel of a head stands in a checkpoint with interleaved pairs `(2i, 2i + 1)`:
/// `new[i] = old[order[i]]`.
pub fn rotate_half_order(head_dim: usize) -> Vec<usize> {
    (0..head_dim)
        .step_by(2)
        .chain((1..head_dim).step_by(2))
        .collect()
}

fn linspace(from: f64, to: f64, count: usize, i: usize) -> f64 {
    if count < 2 {
        from
    } else {
        from + (to - from) * i as f64 / (count - 1) as f64
    }
}
