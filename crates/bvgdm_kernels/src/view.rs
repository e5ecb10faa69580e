//! Matrices that lie in slices.

use std::ops::Range;

/// A matrix in a slice: `rows` by `columns`, `stride` numbers from one row to the next.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// From its first number on.
    pub values: &'a [f32],
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Numbers from one row to the next.
    pub stride: usize,
}

impl<'a> View<'a> {
    /// Rows without anything between them.
    pub fn dense(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self {
            values,
            rows,
            columns,
            stride: columns,
        }
    }

    /// These rows of these columns.
    pub fn window(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        Self {
            values: &self.values[rows.start * self.stride + columns.start..],
            rows: rows.len(),
            columns: columns.len(),
            stride: self.stride,
        }
    }
}
