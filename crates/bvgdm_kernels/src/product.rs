//! Matrix products: the right factor in panels, made once where it is a weight.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::kernel::{Kernel, Output, panel_width, side_by_side};

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

/// A line of a processor's cache: no vector of a panel lies in two.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

const LINE: usize = 16;

/// A right factor, its columns side by side in panels.
#[derive(Debug, Default)]
pub struct Panels {
    /// Panel after panel, row after row; zeros fill the last panel.
    lines: Vec<Line>,
    rows: usize,
    columns: usize,
    width: usize,
}

impl Panels {
    /// Panels of `b`.
    pub fn of(b: View<'_>) -> Self {
        let mut panels = Self::default();
        panels.fill(b);
        panels
    }

    /// Becomes panels of `b`, in the memory that it has.
    #[inline(always)]
    pub fn fill(&mut self, b: View<'_>) {
        self.fill_by(b, panel_width());
    }

    #[inline(always)]
    fn fill_by(&mut self, b: View<'_>, width: usize) {
        self.clear(b.rows, b.columns, width);
        for (i, row) in b.values.chunks(b.stride).take(b.rows).enumerate() {
            let row = row[..b.columns].chunks(width);
            for (panel, numbers) in self.values_mut().chunks_exact_mut(b.rows * width).zip(row) {
                copy(&mut panel[i * width..][..numbers.len()], numbers);
            }
        }
    }

    /// Becomes panels of `bᵀ`, in the memory that it has.
    #[inline(always)]
    pub fn fill_transposed(&mut self, b: View<'_>) {
        let width = panel_width();
        self.clear(b.columns, b.rows, width);
        for (column, numbers) in b.values.chunks(b.stride).take(b.rows).enumerate() {
            let panel = &mut self.values_mut()[column / width * width * b.columns..];
            let places = panel.chunks_exact_mut(width);
            for (row, number) in places.zip(&numbers[..b.columns]) {
                row[column % width] = *number;
            }
        }
    }

    /// As [`fill`](Self::fill), the panels shared among the threads: for large matrices.
    pub fn fill_shared(&mut self, b: View<'_>) {
        self.clear(b.rows, b.columns, panel_width());
        self.each_panel(&|panel, width, columns| {
            let rows = b.values.chunks(b.stride).take(b.rows);
            for (to, row) in panel.chunks_exact_mut(width).zip(rows) {
                copy(&mut to[..columns.len()], &row[columns.clone()]);
            }
        });
    }

    /// As [`fill_transposed`](Self::fill_transposed), the panels shared among the threads.
    pub fn fill_transposed_shared(&mut self, b: View<'_>) {
        self.clear(b.columns, b.rows, panel_width());
        self.each_panel(&|panel, width, columns| {
            let rows = b.values.chunks(b.stride).skip(columns.start);
            for (column, numbers) in rows.take(columns.len()).enumerate() {
                for (row, number) in panel.chunks_exact_mut(width).zip(&numbers[..b.columns]) {
                    row[column] = *number;
                }
            }
        });
    }

    /// `fill(panel, width, columns)` for all of them.
    fn each_panel(&mut self, fill: &(impl Fn(&mut [f32], usize, Range<usize>) + Sync)) {
        let (width, columns) = (self.width, self.columns);
        let size = (self.rows * width).max(1);
        let panels = self.values_mut().chunks_exact_mut(size);
        let mut panels: Vec<_> = panels.zip((0..columns).step_by(width)).collect();
        side_by_side(&mut panels, &|(panel, first)| {
            fill(panel, width, *first..columns.min(*first + width));
        });
    }

    fn clear(&mut self, rows: usize, columns: usize, width: usize) {
        (self.rows, self.columns, self.width) = (rows, columns, width);
        let count = rows * columns.next_multiple_of(width);
        self.lines.resize(count.div_ceil(LINE), Line::zeroed());
        // The columns past the last.
        let last = columns / width * width * rows;
        self.values_mut()[last..].fill(0.0);
    }

    fn values_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.lines)
    }

    /// The columns in at most `parts` parts of whole panels.
    pub fn parts(&self, parts: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        parts_of(self.columns, self.width.max(1), parts)
    }

    /// `output = scale · a b` for these columns of `b`, the first of which begins a panel; `output` has
    /// `stride` numbers from row to row.
    #[inline(always)]
    pub fn multiply<K: Kernel>(
        &self,
        kernel: K,
        output: &mut [f32],
        stride: usize,
        a: View<'_>,
        columns: Range<usize>,
        scale: f32,
    ) {
        assert!(a.columns == self.rows, "shapes of a product");
        self.multiply_by::<K, false>(kernel, output, stride, a, columns, scale);
    }

    /// `output = scale · aᵀ b`, else as [`multiply`](Self::multiply).
    #[inline(always)]
    pub fn multiply_turned<K: Kernel>(
        &self,
        kernel: K,
        output: &mut [f32],
        stride: usize,
        a: View<'_>,
        columns: Range<usize>,
        scale: f32,
    ) {
        assert!(a.rows == self.rows, "shapes of a product");
        self.multiply_by::<K, true>(kernel, output, stride, a, columns, scale);
    }

    #[inline(always)]
    fn multiply_by<K: Kernel, const TURNED: bool>(
        &self,
        kernel: K,
        output: &mut [f32],
        stride: usize,
        a: View<'_>,
        columns: Range<usize>,
        scale: f32,
    ) {
        let values: &[f32] = bytemuck::cast_slice(&self.lines);
        let panels = values.chunks_exact((self.rows * self.width).max(1));
        let starts = columns.clone().step_by(self.width);
        for (panel, start) in panels.skip(columns.start / self.width).zip(starts) {
            let output = Output {
                values: &mut output[start - columns.start..],
                stride,
                columns: self.width.min(columns.end - start),
                scale,
            };
            kernel.panel::<TURNED>(panel, a, output);
        }
    }
}

/// `columns` columns in at most `parts` parts of whole panels.
pub fn column_parts(columns: usize, parts: usize) -> impl Iterator<Item = Range<usize>> {
    parts_of(columns, panel_width(), parts)
}

fn parts_of(
    columns: usize,
    width: usize,
    parts: usize,
) -> impl Iterator<Item = Range<usize>> + use<> {
    let panels = columns.div_ceil(width);
    let each = panels.div_ceil(parts.max(1)).max(1) * width;
    (0..columns)
        .step_by(each)
        .map(move |start| start..columns.min(start + each))
}

/// A whole row of wasm's panels without a call, which would take longer than the copy.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    match (
        <&mut [f32; 8]>::try_from(&mut *to),
        <&[f32; 8]>::try_from(from),
    ) {
        (Ok(to), Ok(from)) => *to = *from,
        _ => to.copy_from_slice(from),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::kernel::Work;

    /// A product to be checked.
    pub struct Product<'a> {
        turned: bool,
        output: &'a mut [f32],
        stride: usize,
        a: View<'a>,
        b: &'a Panels,
        columns: Range<usize>,
    }

    impl Work for Product<'_> {
        fn run<K: Kernel>(self, kernel: K) {
            let Self {
                turned,
                output,
                stride,
                a,
                b,
                columns,
            } = self;
            match turned {
                false => b.multiply(kernel, output, stride, a, columns, 0.5),
                true => b.multiply_turned(kernel, output, stride, a, columns, 0.5),
            }
        }
    }

    /// Holds a kernel with panels of this width to the product in f64.
    pub fn check(width: usize, run: impl Fn(Product<'_>)) {
        // Whole tiles, every remainder of them, and strides.
        for (m, k, n) in [
            (4, 8, 8),
            (1, 1, 1),
            (2, 3, 5),
            (5, 7, 12),
            (7, 40, 30),
            (28, 60, 70),
        ] {
            for turned in [false, true] {
                let [rows, columns] = if turned { [k, m] } else { [m, k] };
                let (a, b) = (numbers(rows * (columns + 3), 1), numbers(k * (n + 5), 2));
                let view = |values, rows, columns, more| View {
                    values,
                    rows,
                    columns,
                    stride: columns + more,
                };
                let (a, b) = (view(&a, rows, columns, 3), view(&b, k, n, 5));
                let mut panels = Panels::default();
                panels.fill_by(b, width);
                for columns in [1, 2, 3].iter().flat_map(|parts| panels.parts(*parts)) {
                    let stride = columns.len() + 2;
                    let mut output = vec![9.0; m * stride];
                    run(Product {
                        turned,
                        output: &mut output,
                        stride,
                        a,
                        b: &panels,
                        columns: columns.clone(),
                    });
                    let at = |row: usize, column: usize| match turned {
                        false => a.values[row * a.stride + column],
                        true => a.values[column * a.stride + row],
                    };
                    compare(&output, stride, columns, |row, column| {
                        let terms = (0..k).map(|i| {
                            f64::from(at(row, i)) * f64::from(b.values[i * b.stride + column])
                        });
                        0.5 * terms.sum::<f64>()
                    });
                }
            }
        }
    }

    /// Holds rows with these columns to what is expected, and to nothing written between them.
    fn compare(
        output: &[f32],
        stride: usize,
        columns: Range<usize>,
        expected: impl Fn(usize, usize) -> f64,
    ) {
        for (row, found) in output.chunks_exact(stride).enumerate() {
            for (column, found) in columns.clone().zip(found) {
                let expected = expected(row, column);
                let off = (f64::from(*found) - expected).abs();
                assert!(off < 1e-5, "at {row} {column}: {found} {expected}");
            }
            let between = &found[columns.len()..];
            assert!(between.iter().all(|&x| x == 9.0), "between rows");
        }
    }

    #[test]
    fn panels_are_the_same_by_every_way_to_fill_them() {
        let (rows, columns) = (7, 45);
        let b = numbers(rows * columns, 3);
        let transposed: Vec<f32> = (0..columns * rows)
            .map(|i| b[i % rows * columns + i / rows])
            .collect();
        // In memory that held something else.
        let mut found = Panels::of(View::dense(&b, rows, columns - 9));
        found.fill_transposed(View::dense(&transposed, columns, rows));
        let mut expected = Panels::of(View::dense(&b, rows, columns));
        assert_eq!(found.values_mut(), expected.values_mut());

        found.fill_transposed_shared(View::dense(&transposed, columns, rows));
        assert_eq!(found.values_mut(), expected.values_mut());
        found.fill_shared(View::dense(&b, rows, columns));
        assert_eq!(found.values_mut(), expected.values_mut());
    }

    /// Numbers without a pattern.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }
}
