//! A world's weights by name, each checked when it is asked for.

use bvgdm_core::WorldManifest;
use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::error::{PlanError, Result};

/// A matrix in row-major order; a linear layer's is `[inputs, outputs]`, a vector is one row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matrix {
    pub rows: usize,
    pub columns: usize,
    pub values: Vec<f32>,
}

impl Matrix {
    pub fn new(rows: usize, columns: usize, values: Vec<f32>) -> Self {
        debug_assert_eq!(values.len(), rows * columns);
        Self {
            rows,
            columns,
            values,
        }
    }

    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..][..self.columns]
    }

    /// The columns `order[0], order[1], …`.
    pub fn pick_columns(&self, order: &[usize]) -> Self {
        let values = (0..self.rows)
            .flat_map(|row| order.iter().map(move |&column| self.row(row)[column]))
            .collect();
        Self::new(self.rows, order.len(), values)
    }

    /// The rows `order[0], order[1], …`.
    pub fn pick_rows(&self, order: &[usize]) -> Self {
        let values = order.iter().flat_map(|&row| self.row(row)).copied();
        Self::new(order.len(), self.columns, values.collect())
    }

    /// With zeros up to `rows` rows and `columns` columns.
    pub fn padded(&self, rows: usize, columns: usize) -> Self {
        let mut values = vec![0.0; rows * columns];
        for (row, out) in (0..self.rows).zip(values.chunks_exact_mut(columns)) {
            out[..self.columns].copy_from_slice(self.row(row));
        }
        Self::new(rows, columns, values)
    }

    pub fn map(&self, f: impl Fn(f32) -> f32) -> Self {
        let values = self.values.iter().map(|&value| f(value)).collect();
        Self::new(self.rows, self.columns, values)
    }
}

/// A world's safetensors file, or the bytes of one.
pub struct WeightsFile<'a> {
    name: String,
    tensors: SafeTensors<'a>,
}

impl<'a> WeightsFile<'a> {
    /// Parses the header; offsets and sizes are checked against the bytes by the format's library.
    /// Size and checksum are the caller's to compare.
    ///
    /// # Errors
    /// When the bytes are no safetensors file.
    pub fn parse(manifest: &WorldManifest, bytes: &'a [u8]) -> Result<Self> {
        let name = manifest.weights.file.clone();
        match SafeTensors::deserialize(bytes) {
            Ok(tensors) => Ok(Self { name, tensors }),
            Err(error) => Err(PlanError::Weights {
                file: name,
                message: format!("no valid safetensors file: {error}"),
            }),
        }
    }

    /// The matrix or vector `tensor` of this shape.
    pub(crate) fn matrix(&self, tensor: &str, [rows, columns]: [usize; 2]) -> Result<Matrix> {
        let view = self.view(tensor)?;
        let shape = view.shape();
        let fits = shape == [rows, columns] || (rows == 1 && shape == [columns]);
        if !fits {
            let expected = format!("[{rows}, {columns}]");
            return Err(self.problem(tensor, expected, format!("{shape:?}")));
        }
        Ok(Matrix::new(rows, columns, self.floats(tensor, &view)?))
    }

    /// All numbers of a tensor whose axes after the first are `inner`, and the length of the first, which
    /// is not zero.
    pub(crate) fn list(&self, tensor: &str, inner: &[usize]) -> Result<(usize, Vec<f32>)> {
        let view = self.view(tensor)?;
        match view.shape() {
            [count, rest @ ..] if rest == inner && *count > 0 => {
                Ok((*count, self.floats(tensor, &view)?))
            }
            found => {
                let (expected, found) = (format!("[1 or more, {inner:?}]"), format!("{found:?}"));
                Err(self.problem(tensor, expected, found))
            }
        }
    }

    fn view(&self, tensor: &str) -> Result<TensorView<'_>> {
        let missing = || self.problem(tensor, "a tensor".to_owned(), "none".to_owned());
        self.tensors.tensor(tensor).map_err(|_| missing())
    }

    fn floats(&self, tensor: &str, view: &TensorView<'_>) -> Result<Vec<f32>> {
        let data = view.data();
        let halves = data.chunks_exact(2).map(|b| [b[0], b[1]]);
        let floats: Vec<f32> = match view.dtype() {
            Dtype::F16 => halves.map(|b| f16::from_le_bytes(b).to_f32()).collect(),
            Dtype::BF16 => halves.map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
            Dtype::F32 => data
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
            other => {
                let expected = "f16, bf16 or f32".to_owned();
                return Err(self.problem(tensor, expected, format!("{other:?}")));
            }
        };
        match floats.iter().find(|value| !value.is_finite()) {
            Some(value) => {
                Err(self.problem(tensor, "finite numbers".to_owned(), value.to_string()))
            }
            None => Ok(floats),
        }
    }

    fn problem(&self, tensor: &str, expected: String, found: String) -> PlanError {
        PlanError::Tensor {
            file: self.name.clone(),
            tensor: tensor.to_owned(),
            expected,
            found,
        }
    }
}
