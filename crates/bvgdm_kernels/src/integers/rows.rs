//! Left factors.

use super::round::{pair_of, step_of_row};
use crate::kernel::{Kernel, Work, with_vectors};
use crate::view::View;

/// A left factor: its rows as whole numbers.
#[derive(Debug, Clone, Default)]
pub struct IntegerRows {
    /// In each a number of a row's first half and its like in the second: so they are made without moving
    /// numbers within a vector.
    pairs: Vec<i32>,
    /// What a row's numbers are multiples of.
    steps: Vec<f32>,
    columns: usize,
}

impl IntegerRows {
    /// Becomes `a`, in the memory that it has.
    pub fn fill(&mut self, a: View<'_>) {
        self.columns = a.columns;
        self.steps.resize(a.rows, 0.0);
        self.pairs.resize(a.rows * self.width(), 0);
        with_vectors(Fill { rows: self, a });
    }

    /// How many rows.
    pub(super) fn rows(&self) -> usize {
        self.steps.len()
    }

    /// How many columns.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The pairs of a row, and its step.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> (&[i32], f32) {
        let width = self.width();
        (&self.pairs[row * width..][..width], self.steps[row])
    }

    /// Pairs of a row.
    fn width(&self) -> usize {
        self.columns.div_ceil(2)
    }
}

struct Fill<'a> {
    rows: &'a mut IntegerRows,
    a: View<'a>,
}

impl Work for Fill<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self { rows, a } = self;
        let width = rows.width().max(1);
        let to = rows.pairs.chunks_exact_mut(width).zip(&mut rows.steps);
        for (row, (pairs, step)) in a.values.chunks(a.stride.max(1)).zip(to) {
            let row = &row[..a.columns];
            let inverse;
            (*step, inverse) = step_of_row(kernel, row);
            let (first, second) = row.split_at(row.len().div_ceil(2));
            for ((pair, a), b) in pairs.iter_mut().zip(first).zip(second) {
                *pair = pair_of(a * inverse, b * inverse);
            }
            if let Some(last) = pairs.last_mut().filter(|_| first.len() > second.len()) {
                *last = pair_of(first[second.len()] * inverse, 0.0);
            }
        }
    }
}
