//! What differs from processor to processor: how wide its vectors are, and who shares the work.
//!
//! A product goes over *panels*: some columns of the right factor, row after row. A *tile* is a panel's
//! columns of some rows of the result, whose sums stay in registers while the panel is read.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(any(target_family = "wasm", test))]
mod web;

use super::product::View;

#[cfg(not(target_family = "wasm"))]
pub(super) use native::{awake, panel_width, side_by_side, with_vectors};
#[cfg(target_family = "wasm")]
pub(super) use web::{awake, panel_width, side_by_side, with_vectors};

/// Work that is compiled for every kind of vectors. What it calls profits if it is `inline(always)`.
pub(super) trait Work {
    /// Does it.
    fn run<K: Kernel>(self, kernel: K);
}

/// A processor's tiles.
pub(super) trait Kernel: Copy {
    /// Most rows of a tile: 4, 6 or 14.
    const ROWS: usize;

    /// `R` rows of `a` times the panel.
    fn tile<const R: usize>(self, panel: &[f32], a: View<'_>, output: Output<'_>);

    /// All rows of `a` times the panel.
    #[inline(always)]
    fn panel(self, panel: &[f32], a: View<'_>, output: Output<'_>) {
        let Output {
            values,
            stride,
            columns,
            scale,
        } = output;
        let mut row = 0;
        while row < a.rows {
            let left = a.rows - row;
            let a = View {
                values: &a.values[row * a.stride..],
                ..a
            };
            let output = Output {
                values: &mut values[row * stride..],
                stride,
                columns,
                scale,
            };
            row += match left {
                14.. if Self::ROWS == 14 => {
                    self.tile::<14>(panel, a, output);
                    14
                }
                7.. if Self::ROWS == 14 => {
                    self.tile::<7>(panel, a, output);
                    7
                }
                6.. if Self::ROWS >= 6 => {
                    self.tile::<6>(panel, a, output);
                    6
                }
                4.. => {
                    self.tile::<4>(panel, a, output);
                    4
                }
                2.. => {
                    self.tile::<2>(panel, a, output);
                    2
                }
                _ => {
                    self.tile::<1>(panel, a, output);
                    1
                }
            };
        }
    }
}

/// Where a panel's product goes.
pub(super) struct Output<'a> {
    /// The first number of the first row on.
    pub values: &'a mut [f32],
    /// Numbers from one row to the next.
    pub stride: usize,
    /// Numbers of a row: as many as the panel has columns, or fewer.
    pub columns: usize,
    /// Everything is multiplied by it.
    pub scale: f32,
}
