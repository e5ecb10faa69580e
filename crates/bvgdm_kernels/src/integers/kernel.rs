//! What differs from processor to processor.

use super::rows::IntegerRows;
use crate::kernel::Output;

/// Some columns of a right factor.
#[derive(Clone, Copy)]
pub struct Panel<'a> {
    /// Row after row.
    pub pairs: &'a [i32],
    /// Of the columns.
    pub steps: &'a [f32],
}

/// A processor's tiles of whole numbers.
pub trait IntegerKernel: Copy {
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
        let rows = a.rows();
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
