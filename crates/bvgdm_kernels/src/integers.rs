//! Matrix products in whole numbers of 16 bits, which processors multiply and add up in pairs: up to twice as
//! many multiplications in a step as in f32.
//!
//! A row of the left factor is whole multiples of its *step*, and so is a column of the right one (as in
//! `LLM.int8()`, Dettmers et al. 2022, section 3.1). Steps are as small as sums of 32 bits allow, which by the
//! inequality of Cauchy and Schwarz hold all products of rows no longer than 2¹⁵ with columns no longer than 2¹⁶:
//! with 240 numbers a row, a step is 1/2100 of their root mean square, and half of that in a column.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(any(target_family = "wasm", test))]
mod web;

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::kernel::{Kernel, Output, Work, with_vectors};
use crate::product::parts_of;
use crate::view::View;

#[cfg(not(target_family = "wasm"))]
use native::{are_faster, panel_width, with_integers};
#[cfg(target_family = "wasm")]
use web::{are_faster, panel_width, with_integers};

/// Greatest length (Euclid's) of a left row, less what its own sum may be off by: no number is larger either.
const LONGEST_ROW: f32 = 32_760.0;
/// The same of a right column.
const LONGEST_COLUMN: f32 = 65_500.0;
/// Largest of its numbers.
const LARGEST: f32 = 32_767.0;
/// Most rows of a right factor, so that what is rounded takes no noticeable part of that length.
const MOST_ROWS: usize = 1 << 16;

/// Whether this processor is faster with them, for a right factor of so many rows.
pub fn integers_are_faster(rows: usize) -> bool {
    are_faster() && rows <= MOST_ROWS
}

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

/// What a left row's numbers are multiples of, and the inverse of that.
#[inline(always)]
fn step_of_row(kernel: impl Kernel, row: &[f32]) -> (f32, f32) {
    step(kernel.dot(row, row).sqrt() / within(LONGEST_ROW, row.len()))
}

/// What a right column's numbers are multiples of, and the inverse of that.
fn step_of_column(column: &[f32]) -> (f32, f32) {
    let length = column.iter().map(|x| x * x).sum::<f32>().sqrt();
    // As bits, NaN is larger than all numbers.
    let bits = column.iter().map(|x| x.to_bits() & 0x7fff_ffff);
    let largest = f32::from_bits(bits.fold(0, u32::max));
    step((length / within(LONGEST_COLUMN, column.len())).max(largest / LARGEST))
}

/// The length that `count` numbers may have before each is rounded by half a step at most.
#[inline(always)]
fn within(longest: f32, count: usize) -> f32 {
    longest - (count as f32).sqrt() / 2.0
}

/// A step and its inverse; 0 and 0 for numbers that are as good as nothing, and whose squares are nothing.
#[inline(always)]
fn step(step: f32) -> (f32, f32) {
    if step < 1e-18 {
        (0.0, 0.0)
    } else {
        (step, 1.0 / step)
    }
}

/// The nearest whole numbers, of 16 bits each. Added to 1.5 · 2²³, whose neighbours are whole, a number's
/// nearest one is in the last bits.
#[inline(always)]
fn pair_of(a: f32, b: f32) -> i32 {
    let bits = |x: f32| (x + 12_582_912.0).to_bits();
    (bits(a) & 0xffff | bits(b) << 16) as i32
}

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
    /// Panels of `b`, which has no more rows than [`integers_are_faster`] takes.
    pub fn of(b: View<'_>) -> Self {
        Self::of_width(b, panel_width())
    }

    fn of_width(b: View<'_>, width: usize) -> Self {
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
        assert!(a.columns == self.rows, "shapes of a product");
        with_integers(Product {
            output,
            a,
            b: self,
            columns,
        });
    }
}

/// A product to be computed.
struct Product<'a> {
    output: &'a mut [f32],
    a: &'a IntegerRows,
    b: &'a IntegerPanels,
    columns: Range<usize>,
}

impl Product<'_> {
    #[inline(always)]
    fn run<K: IntegerKernel>(self, kernel: K) {
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

/// Some columns of a right factor.
#[derive(Clone, Copy)]
struct Panel<'a> {
    pairs: &'a [i32],
    steps: &'a [f32],
}

/// A processor's tiles of whole numbers.
trait IntegerKernel: Copy {
    /// Most rows of a tile: 4, 6 or 14.
    const ROWS: usize;

    /// Rows of `a` from `first` on times the panel.
    fn tile<const R: usize>(
        self,
        panel: Panel<'_>,
        a: &IntegerRows,
        first: usize,
        output: Output<'_>,
    );

    /// All rows of `a` times the panel.
    #[inline(always)]
    fn panel(self, panel: Panel<'_>, a: &IntegerRows, mut output: Output<'_>) {
        let rows = a.steps.len();
        let mut row = 0;
        while row < rows {
            let output = output.skip_rows(row);
            row += match rows - row {
                14.. if Self::ROWS == 14 => self.rows::<14>(panel, a, row, output),
                7.. if Self::ROWS == 14 => self.rows::<7>(panel, a, row, output),
                6.. if Self::ROWS >= 6 => self.rows::<6>(panel, a, row, output),
                4.. => self.rows::<4>(panel, a, row, output),
                2.. => self.rows::<2>(panel, a, row, output),
                _ => self.rows::<1>(panel, a, row, output),
            };
        }
    }

    /// A tile, and how many rows it has.
    #[inline(always)]
    fn rows<const R: usize>(
        self,
        panel: Panel<'_>,
        a: &IntegerRows,
        first: usize,
        output: Output<'_>,
    ) -> usize {
        self.tile::<R>(panel, a, first, output);
        R
    }
}

#[cfg(test)]
mod tests;
