//! Matrix products: the right factor in panels, made once where it is a weight.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::kernel::{Kernel, Output, panel_width, side_by_side};
use crate::view::View;

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

/// `columns` columns in at most `parts` parts of whole panels of this width.
pub(crate) fn parts_of(
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
pub(crate) mod tests;
