//! Right factors, and products with them.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use super::kernel::{IntegerKernel, Panel};
use super::round::{pair_of, step_of_column};
use super::rows::IntegerRows;
use super::{MOST_ROWS, panel_width, with_integers};
use crate::kernel::Output;
use crate::product::parts_of;
use crate::view::View;

/// A line of a processor's cache.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([i32; LINE]);

const LINE: usize = 16;

/// A right factor, its columns as whole numbers side by side in panels.
#[derive(Debug)]
pub struct IntegerPanels {
    /// Panel after panel, two rows of it in one row of pairs; zeros fill the last panel.
    lines: Vec<Line>,
    /// What a column's numbers are multiples of, for all columns of all panels.
    steps: Vec<f32>,
    rows: usize,
    columns: usize,
    width: usize,
}

impl IntegerPanels {
    /// Panels of `b`, which has no more rows than [`integers_are_faster`](crate::integers_are_faster) takes.
    pub fn of(b: View<'_>) -> Self {
        Self::of_width(b, panel_width())
    }

    pub(super) fn of_width(b: View<'_>, width: usize) -> Self {
        assert!(b.rows <= MOST_ROWS, "rows of a product in whole numbers");
        let pairs = b.rows.div_ceil(2);
        let count = pairs * b.columns.next_multiple_of(width);
        let mut lines = vec![Line::zeroed(); count.div_ceil(LINE)];
        let to: &mut [i32] = bytemuck::cast_slice_mut(&mut lines);
        let mut steps = vec![0.0; b.columns.next_multiple_of(width)];
        // Rows of both halves, and zeros where the second is shorter.
        let mut column = vec![0.0; 2 * pairs];
        for (index, step) in steps.iter_mut().enumerate().take(b.columns) {
            for (x, row) in column
                .iter_mut()
                .zip(b.values.chunks(b.stride))
                .take(b.rows)
            {
                *x = row[index];
            }
            let inverse;
            (*step, inverse) = step_of_column(&column);
            let panel = &mut to[index / width * width * pairs..];
            let (first, second) = column.split_at(pairs);
            for ((row, a), b) in panel.chunks_mut(width).zip(first).zip(second) {
                row[index % width] = pair_of(a * inverse, b * inverse);
            }
        }
        Self {
            lines,
            steps,
            rows: b.rows,
            columns: b.columns,
            width,
        }
    }

    /// The columns in at most `parts` parts of whole panels.
    pub fn parts(&self, parts: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        parts_of(self.columns, self.width, parts)
    }

    /// `output = a b` for these columns of `b`, the first of which begins a panel; `output` has as many numbers
    /// from row to row as there are columns.
    pub fn multiply(&self, output: &mut [f32], a: &IntegerRows, columns: Range<usize>) {
        assert!(a.columns() == self.rows, "shapes of a product");
        with_integers(Product {
            output,
            a,
            b: self,
            columns,
        });
    }
}

/// A product to be computed.
pub struct Product<'a> {
    pub output: &'a mut [f32],
    pub a: &'a IntegerRows,
    pub b: &'a IntegerPanels,
    pub columns: Range<usize>,
}

impl Product<'_> {
    #[inline(always)]
    pub fn run<K: IntegerKernel>(self, kernel: K) {
        let Self {
            output,
            a,
            b,
            columns,
        } = self;
        let pairs: &[i32] = bytemuck::cast_slice(&b.lines);
        let panels = pairs.chunks_exact((b.rows.div_ceil(2) * b.width).max(1));
        let panels = panels.zip(b.steps.chunks_exact(b.width));
        let starts = columns.clone().step_by(b.width);
        for ((pairs, steps), start) in panels.skip(columns.start / b.width).zip(starts) {
            let output = Output {
                values: &mut output[start - columns.start..],
                stride: columns.len(),
                columns: b.width.min(columns.end - start),
                scale: 1.0,
            };
            kernel.panel(Panel { pairs, steps }, a, output);
        }
    }
}
