//! Where a player begins: nobody wants a wall before the nose, or the same place twice.

use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};

/// Two latents are alike that are nearer to each other than this share of the mean distance.
const ALIKE: f32 = 0.7;

/// The `count` latents of `all: [N, C, H, W]` that show the most, no two of them alike as long as there are
/// others.
pub fn most_to_see<B: Backend>(all: Tensor<B, 4>, count: usize) -> Tensor<B, 4> {
    let [candidates, channels, rows, columns] = all.dims();
    let values: Vec<f32> = all.to_data().iter().collect();
    let latents: Vec<&[f32]> = values.chunks_exact(channels * rows * columns).collect();
    let mut order: Vec<(usize, f32)> = latents
        .iter()
        .map(|latent| detail(latent, rows, columns))
        .enumerate()
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));

    let apart = |a: usize, b: usize| distance(latents[a], latents[b]);
    let pairs = order.iter().zip(order.iter().skip(1));
    let mean = pairs.map(|(a, b)| apart(a.0, b.0)).sum::<f32>()
        / candidates.saturating_sub(1).max(1) as f32;
    let mut chosen: Vec<usize> = Vec::new();
    let mut alike = Vec::new();
    for (i, _) in order {
        match chosen.iter().all(|&j| apart(i, j) > ALIKE * mean) {
            true => chosen.push(i),
            false => alike.push(i),
        }
    }
    chosen.extend(alike);
    chosen.truncate(count);
    let chosen: Vec<i64> = chosen.into_iter().map(|i| i as i64).collect();
    let chosen = Tensor::<B, 1, Int>::from_data(chosen.as_slice(), &all.device());
    all.select(0, chosen)
}

/// How much neighbouring places differ, by the root: many small things are more than the edge of a large one.
fn detail(latent: &[f32], rows: usize, columns: usize) -> f32 {
    let places = rows * columns;
    let apart = |a: usize, b: usize| {
        let channels = latent.chunks_exact(places);
        let squares = channels.map(|channel| (channel[a] - channel[b]).powi(2));
        squares.sum::<f32>().sqrt().sqrt()
    };
    let mut sum = 0.0;
    for place in 0..places {
        if place % columns + 1 < columns {
            sum += apart(place, place + 1);
        }
        if place + columns < places {
            sum += apart(place, place + columns);
        }
    }
    sum
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    fn chosen(all: &[[f32; 4]], count: usize) -> Vec<Vec<f32>> {
        let rows: Vec<_> = all.iter().map(|&row| [[row]]).collect();
        let data: Vec<f32> = rows.iter().flatten().flatten().flatten().copied().collect();
        let data = burn::tensor::TensorData::new(data, [all.len(), 1, 1, 4]);
        let all = Tensor::<Flex, 4>::from_data(data, &FlexDevice);
        let found = most_to_see(all, count).into_data().to_vec::<f32>().unwrap();
        found.chunks(4).map(<[f32]>::to_vec).collect()
    }

    #[test]
    fn starts_are_the_latents_with_the_most_to_see() {
        let (flat, one_edge, many) = ([4.0; 4], [0.0, 0.0, 8.0, 8.0], [0.0, 3.0, 0.0, 3.0]);
        assert_eq!(chosen(&[flat, one_edge, many], 2), [many, one_edge]);
    }

    #[test]
    fn no_two_starts_are_alike_as_long_as_there_are_others() {
        let (most, nearly, other) = (
            [0.0, 9.0, 0.0, 9.0],
            [0.0, 9.0, 0.0, 8.8],
            [7.0, 1.0, 1.0, 1.0],
        );
        assert_eq!(chosen(&[nearly, other, most], 2), [most, other]);
        assert_eq!(chosen(&[nearly, other, most], 3), [most, other, nearly]);
    }
}
