//! Tables of rotary positions: cos and sin of pair `i` in columns `2 i` and `2 i + 1`.

use std::f64::consts::PI;

/// A row for each of `places` (`[row, column]` on a grid of `rows` by `columns`): frequencies
/// `linspace(1, max_freq / 2) · π` and positions `linspace(−1, 1)` on each axis; the first
/// `axis_dims / 2` pairs turn with the row, as many with the column, the rest stay.
pub(crate) fn axial(
    places: impl Iterator<Item = [usize; 2]>,
    [rows, columns]: [usize; 2],
    head_dim: usize,
    axis_dims: usize,
    max_freq: f64,
) -> Vec<f32> {
    let pairs = axis_dims / 2;
    let frequency = |i: usize| linspace(1.0, max_freq / 2.0, pairs, i) * PI;
    places
        .flat_map(|[row, column]| {
            let y = linspace(-1.0, 1.0, rows, row);
            let x = linspace(-1.0, 1.0, columns, column);
            (0..head_dim / 2).flat_map(move |i| {
                turn(match i {
                    i if i < pairs => y * frequency(i),
                    i if i < 2 * pairs => x * frequency(i - pairs),
                    _ => 0.0,
                })
            })
        })
        .collect()
}

/// The row of a position in time: angle `position · θ^(−2i / head_dim)`. Computed in f64, so that a
/// frame after days of play is as exact as the first.
pub(crate) fn temporal(position: u64, head_dim: usize, theta: f64) -> impl Iterator<Item = f32> {
    (0..head_dim / 2)
        .flat_map(move |i| turn(position as f64 * theta.powf(-2.0 * i as f64 / head_dim as f64)))
}

/// The order of a head's channels that puts pair `(i, i + head_dim / 2)` side by side, for `heads`
/// heads from column `first` on.
pub(crate) fn interleaved(
    first: usize,
    heads: usize,
    head_dim: usize,
) -> impl Iterator<Item = usize> {
    (0..heads).flat_map(move |head| {
        let start = first + head * head_dim;
        (0..head_dim / 2).flat_map(move |i| [start + i, start + i + head_dim / 2])
    })
}

fn turn(angle: f64) -> [f32; 2] {
    [angle.cos() as f32, angle.sin() as f32]
}

fn linspace(from: f64, to: f64, count: usize, i: usize) -> f64 {
    if count < 2 {
        from
    } else {
        from + (to - from) * i as f64 / (count - 1) as f64
    }
}
