//! Where one of our tensors comes from, and what is done to it on the way.

use crate::error::Result;
use crate::layers::rotate_half_order;
use crate::weights::TensorFile;

/// One tensor of ours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// Our name.
    pub name: String,
    /// Our shape.
    pub shape: Vec<usize>,
    /// The name in the checkpoint.
    pub source: String,
    /// The shape there.
    pub source_shape: Vec<usize>,
    /// How one becomes the other.
    pub change: Change,
}

/// What is done to the numbers of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    Keep,
    /// `[out, in...]`, as PyTorch keeps linear layers and strided convolutions, to `[in, out]`.
    Transpose,
    /// The same for queries, keys and values `[3 D, in]`, and queries and keys from interleaved
    /// rotary pairs to halves.
    TransposeQkv {
        /// Channels of a head.
        head_dim: usize,
    },
    /// The bias `[3 D]` of such a projection.
    ReorderQkv {
        /// Channels of a head.
        head_dim: usize,
    },
}

impl Piece {
    /// A tensor that stays as it is.
    pub fn kept(name: impl Into<String>, source: impl Into<String>, shape: &[usize]) -> Self {
        Self {
            name: name.into(),
            shape: shape.to_vec(),
            source: source.into(),
            source_shape: shape.to_vec(),
            change: Change::Keep,
        }
    }

    /// A matrix that is `source_shape: [out, in...]` in the checkpoint.
    pub fn transposed(
        name: impl Into<String>,
        source: impl Into<String>,
        source_shape: &[usize],
    ) -> Self {
        let outputs = source_shape.first().copied().unwrap_or(1);
        let inputs = source_shape.iter().skip(1).product();
        Self {
            name: name.into(),
            shape: vec![inputs, outputs],
            source: source.into(),
            source_shape: source_shape.to_vec(),
            change: Change::Transpose,
        }
    }

    /// Reads the tensor and changes it.
    pub fn read(&self, file: &TensorFile) -> Result<Vec<f32>> {
        let values = file.floats(&self.source)?;
        let outputs = self.source_shape.first().copied().unwrap_or(1);
        Ok(match self.change {
            Change::Keep => values,
            Change::Transpose => transpose(&values, outputs, |row| row),
            Change::TransposeQkv { head_dim } => {
                let order = qkv_order(outputs, head_dim);
                transpose(&values, outputs, |row| order.get(row).copied().unwrap_or(0))
            }
            Change::ReorderQkv { head_dim } => qkv_order(outputs, head_dim)
                .into_iter()
                .filter_map(|row| values.get(row).copied())
                .collect(),
        })
    }
}

/// `[out, in]` to `[in, out]`; output `o` comes from the row `row(o)`.
fn transpose(values: &[f32], outputs: usize, row: impl Fn(usize) -> usize) -> Vec<f32> {
    let inputs = values.len() / outputs.max(1);
    let mut turned = vec![0.0; values.len()];
    for o in 0..outputs {
        let from = row(o) * inputs;
        let row = values.get(from..from + inputs).unwrap_or_default();
        for (to, value) in turned.iter_mut().skip(o).step_by(outputs).zip(row) {
            *to = *value;
        }
    }
    turned
}

/// The checkpoint's row for each of ours, over queries, keys and values.
fn qkv_order(rows: usize, head_dim: usize) -> Vec<usize> {
    let order = rotate_half_order(head_dim);
    let turned = rows / 3 * 2;
    let place = |row: usize| match order.get(row % head_dim.max(1)) {
        Some(within) if row < turned => row - row % head_dim + within,
        _ => row,
    };
    (0..rows).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_turned() {
        let turned = transpose(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, |row| row);
        assert_eq!(turned, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }

    #[test]
    fn only_queries_and_keys_are_reordered_and_every_row_is_used_once() {
        let order = qkv_order(24, 4);
        assert_eq!(order[..8], [0, 2, 1, 3, 4, 6, 5, 7]);
        assert_eq!(order[16..], (16..24).collect::<Vec<_>>());
        let mut sorted = order;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..24).collect::<Vec<_>>());
    }
}
