//! A matrix product for 128-bit vectors: columns of `b` side by side in a panel, tiles of four rows
//! by two vectors that stay in registers.

#[cfg_attr(target_family = "wasm", path = "lanes_web.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "lanes_native.rs")]
mod lanes;

use std::ops::Range;

use lanes::Lanes;

use super::{Shape, View};

/// Numbers in a vector.
const WIDTH: usize = 4;
/// Vectors of a tile's row.
const VECTORS: usize = 2;
/// Columns of a tile.
const COLUMNS: usize = WIDTH * VECTORS;
/// Rows of a tile: with the vectors, as many sums as keep the multipliers busy; x86-64's 16 registers
/// hold them and what is multiplied, which three vectors would not leave room for.
const ROWS: usize = 4;

/// One row of a panel.
type Row = [Lanes; VECTORS];

/// All panels of a weight behind each other: where rows are few, packing takes a fifth of the time.
#[derive(Debug, Clone, Default)]
pub struct Packed(Vec<Row>);

/// The product with a weight, whose panels are made the first time.
pub fn multiply_weight(
    output: &mut [f32],
    a: View<'_>,
    b: View<'_>,
    packed: &mut Packed,
    [m, k, n]: Shape,
    _threads: usize,
) {
    if packed.0.is_empty() {
        packed.0 = vec![[Lanes::splat(0.0); VECTORS]; k * n.div_ceil(COLUMNS)];
        let panels = packed.0.chunks_exact_mut(k);
        for (panel, column) in panels.zip((0..n).step_by(COLUMNS)) {
            pack(panel, b, column, COLUMNS.min(n - column));
        }
    }
    let panels = packed.0.chunks_exact(k);
    for (panel, column) in panels.zip((0..n).step_by(COLUMNS)) {
        let columns = column..n.min(column + COLUMNS);
        multiply_panel(output, n, a, panel, columns, 1.0, m);
    }
}

pub fn multiply(
    output: &mut [f32],
    stride: usize,
    a: View<'_>,
    b: View<'_>,
    transposed: bool,
    scale: f32,
    [m, k, n]: Shape,
    _threads: usize,
) {
    let mut panel = vec![[Lanes::splat(0.0); VECTORS]; k];
    for column in (0..n).step_by(COLUMNS) {
        let columns = COLUMNS.min(n - column);
        match transposed {
            false => pack(&mut panel, b, column, columns),
            true => pack_transposed(&mut panel, b, column, columns),
        }
        let columns = column..column + columns;
        multiply_panel(output, stride, a, &panel, columns, scale, m);
    }
}

/// The `columns` of the output that a panel has.
fn multiply_panel(
    output: &mut [f32],
    stride: usize,
    a: View<'_>,
    panel: &[Row],
    columns: Range<usize>,
    scale: f32,
    m: usize,
) {
    for row in (0..m).step_by(ROWS) {
        let at = |i: usize| &a.values[(row + i) * a.stride..][..panel.len()];
        let mut sums = [[Lanes::splat(0.0); VECTORS]; ROWS];
        let rows = ROWS.min(m - row);
        // Past the last row, it is multiplied again and not written.
        tile(panel, [0, 1, 2, 3].map(|i| at(i.min(rows - 1))), &mut sums);
        for (i, sums) in sums.iter().enumerate().take(rows) {
            let out = &mut output[(row + i) * stride..][columns.clone()];
            write(out, sums, scale);
        }
    }
}

/// Columns of a matrix whose rows are the panel's.
fn pack(panel: &mut [Row], b: View<'_>, column: usize, columns: usize) {
    let rows = b.values[column..].chunks(b.stride);
    for (row, values) in panel.iter_mut().zip(rows) {
        *row = match values.first_chunk::<COLUMNS>() {
            Some(values) if columns == COLUMNS => Lanes::row(values),
            _ => padded(&values[..columns]),
        };
    }
}

/// Rows of a matrix whose columns are the panel's rows.
fn pack_transposed(panel: &mut [Row], b: View<'_>, column: usize, columns: usize) {
    for (inner, row) in panel.iter_mut().enumerate() {
        let mut values = [0.0; COLUMNS];
        for (i, value) in values.iter_mut().enumerate().take(columns) {
            *value = b.values[(column + i) * b.stride + inner];
        }
        *row = Lanes::row(&values);
    }
}

fn padded(values: &[f32]) -> Row {
    let mut padded = [0.0; COLUMNS];
    for (padded, value) in padded.iter_mut().zip(values) {
        *padded = *value;
    }
    Lanes::row(&padded)
}

/// Four rows at once: what is read of the panel serves them all.
fn tile(panel: &[Row], [a, b, c, d]: [&[f32]; ROWS], sums: &mut [Row; ROWS]) {
    let mut s = *sums;
    let rows = a.iter().zip(b).zip(c.iter().zip(d));
    for (row, ((a, b), (c, d))) in panel.iter().zip(rows) {
        for (sums, factor) in s.iter_mut().zip([a, b, c, d]) {
            let factor = Lanes::splat(*factor);
            for (sum, lanes) in sums.iter_mut().zip(row) {
                *sum = lanes.multiply_add(factor, *sum);
            }
        }
    }
    *sums = s;
}

fn write(out: &mut [f32], sums: &Row, scale: f32) {
    for (out, sum) in out.chunks_mut(WIDTH).zip(sums) {
        let values = sum.values();
        for (out, value) in out.iter_mut().zip(values) {
            *out = scale * value;
        }
    }
}

impl Lanes {
    fn row(values: &[f32; COLUMNS]) -> Row {
        let part = |i: usize| {
            let [a, b, c, d] = [0, 1, 2, 3].map(|j| values[i * WIDTH + j]);
            Self::new([a, b, c, d])
        };
        [part(0), part(1)]
    }
}
