//! What differs from processor to processor: how wide its vectors are, and who shares the work.
//!
//! A product goes over *panels*: some columns of the right factor, row after row. A *tile* is a panel's
//! columns of some rows of the result, whose sums stay in registers while the panel is read.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(any(target_family = "wasm", test))]
mod web;

use crate::view::View;

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::{VECTORS, panel_width, prefetch};
#[cfg(not(target_family = "wasm"))]
pub use native::{among_threads, apart, awake, side_by_side, threads, with_vectors};
#[cfg(target_family = "wasm")]
pub use web::{among_threads, apart, awake, side_by_side, threads, with_vectors};
#[cfg(target_family = "wasm")]
pub(crate) use web::{load, panel_width, store};

/// Work that is compiled for every kind of vectors. What it calls profits if it is `inline(always)`.
pub trait Work {
    /// Does it.
    fn run<K: Kernel>(self, kernel: K);
}

/// A processor's tiles, and what makes one number of a row.
pub trait Kernel: Copy {
    /// Most rows of a tile: 4, 6 or 14.
    const ROWS: usize;

    /// `R` rows of `a` times the panel.
    fn tile<const R: usize>(self, panel: &[f32], a: View<'_>, output: Output<'_>);

    /// `R` rows of `aᵀ` times the panel; `a` has as many rows as the panel.
    #[inline(always)]
    fn turned_tile<const R: usize>(self, panel: &[f32], a: View<'_>, output: Output<'_>) {
        let rows: Vec<f32> = (0..R * a.rows)
            .map(|i| a.values[i % a.rows * a.stride + i / a.rows])
            .collect();
        self.tile::<R>(panel, View::dense(&rows, R, a.rows), output);
    }

    /// The sum of a row, in any order.
    fn sum(self, row: &[f32]) -> f32;

    /// The sum of the products of two rows as long, in any order.
    fn dot(self, a: &[f32], b: &[f32]) -> f32;

    /// The largest of a row, minus infinity if it is empty; what is no number may be left out.
    fn largest(self, row: &[f32]) -> f32;

    /// All rows of `a`, or of `aᵀ`, times the panel.
    #[inline(always)]
    fn panel<const TURNED: bool>(self, panel: &[f32], a: View<'_>, mut output: Output<'_>) {
        let rows = if TURNED { a.columns } else { a.rows };
        let mut row = 0;
        while row < rows {
            let first = if TURNED { row } else { row * a.stride };
            let a = View {
                values: &a.values[first..],
                ..a
            };
            let output = output.skip_rows(row);
            row += match rows - row {
                14.. if Self::ROWS == 14 => self.either::<14, TURNED>(panel, a, output),
                7.. if Self::ROWS == 14 => self.either::<7, TURNED>(panel, a, output),
                6.. if Self::ROWS >= 6 => self.either::<6, TURNED>(panel, a, output),
                4.. => self.either::<4, TURNED>(panel, a, output),
                2.. => self.either::<2, TURNED>(panel, a, output),
                _ => self.either::<1, TURNED>(panel, a, output),
            };
        }
    }

    /// A tile, and how many rows it has.
    #[inline(always)]
    fn either<const R: usize, const TURNED: bool>(
        self,
        panel: &[f32],
        a: View<'_>,
        output: Output<'_>,
    ) -> usize {
        if TURNED {
            self.turned_tile::<R>(panel, a, output);
        } else {
            self.tile::<R>(panel, a, output);
        }
        R
    }
}

/// Where a panel's product goes.
pub struct Output<'a> {
    /// The first number of the first row on.
    pub values: &'a mut [f32],
    /// Numbers from one row to the next.
    pub stride: usize,
    /// Numbers of a row: as many as the panel has columns, or fewer.
    pub columns: usize,
    /// Everything is multiplied by it.
    pub scale: f32,
}

impl Output<'_> {
    /// The same, its first `rows` rows left out.
    #[inline(always)]
    pub(crate) fn skip_rows(&mut self, rows: usize) -> Output<'_> {
        Output {
            values: &mut self.values[rows * self.stride..],
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds what makes one number of a row to plain loops.
    pub fn check_rows(kernel: impl Kernel) {
        for count in [0, 1, 3, 4, 15, 16, 21, 32, 60, 240] {
            let numbers = |seed: u32| -> Vec<f32> {
                let number = |i: u32| ((i * 37 + seed) % 19) as f32 - 9.5;
                (0..count).map(number).collect()
            };
            let (a, b) = (numbers(1), numbers(5));
            // Small halves: sums are exact in any order.
            assert_eq!(kernel.sum(&a), a.iter().sum::<f32>(), "{count}");
            let products = a.iter().zip(&b).map(|(a, b)| a * b);
            assert_eq!(kernel.dot(&a, &b), products.sum::<f32>(), "{count}");
            let largest = a.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(kernel.largest(&a), largest, "{count}");
        }
    }
}
