//! `x W + b`.

use std::ops::Range;

use burn_flex::{Flex, FlexTensor};
use bvgdm_kernels::{
    Kernel, Panels, View, Work, column_parts, side_by_side, threads, with_vectors,
};

use super::dense::{dense, shape, tensor, values};
use crate::layers::fused::operation::Operation;

/// Rows of a product that are computed in one go: some of the largest tiles.
const ROWS: usize = 8 * 14;
/// Rows that a weight's gradient is summed over in one go: their panels stay in the cache.
const SUMMED: usize = 512;

/// Of `x: [rows, K]`, `W: [K, N]` and, if there are three, `b: [N]`.
#[derive(Debug)]
pub struct Linear;

impl<const N: usize> Operation<Flex, N> for Linear {
    fn forward(&self, inputs: [FlexTensor; N]) -> (FlexTensor, Vec<FlexTensor>) {
        let inputs = inputs.map(dense);
        let ([rows, k], [_, n]) = (shape(&inputs[0]), shape(&inputs[1]));
        let weight = View::dense(values(&inputs[1]), k, n);
        let x = View::dense(values(&inputs[0]), rows, k);
        let bias = inputs.get(2).map(values);
        let mut panels = Panels::default();
        panels.fill_shared(weight);
        let y = product(x, &panels, n, bias);
        let kept = inputs.into_iter().take(2).collect();
        (tensor(y, &[rows, n]), kept)
    }

    fn backward(&self, kept: &[FlexTensor], grad: FlexTensor) -> [FlexTensor; N] {
        let grad = dense(grad);
        let ([rows, k], [_, n]) = (shape(&kept[0]), shape(&kept[1]));
        let grad = View::dense(values(&grad), rows, n);
        std::array::from_fn(|input| match input {
            0 => {
                let mut turned = Panels::default();
                turned.fill_transposed_shared(View::dense(values(&kept[1]), k, n));
                tensor(product(grad, &turned, k, None), &[rows, k])
            }
            1 => {
                let x = View::dense(values(&kept[0]), rows, k);
                tensor(turned_product(x, grad), &[k, n])
            }
            _ => tensor(sum_of_rows(grad), &[n]),
        })
    }
}

/// `a b + bias`, `b` of `columns` columns.
fn product(a: View<'_>, b: &Panels, columns: usize, bias: Option<&[f32]>) -> Vec<f32> {
    let mut output = vec![0.0; a.rows * columns];
    let mut parts: Vec<_> = output
        .chunks_mut((ROWS * columns).max(1))
        .zip(a.values.chunks(ROWS * a.stride))
        .collect();
    side_by_side(&mut parts, &|(output, values)| {
        let rows = output.len() / columns;
        let a = View::dense(values, rows, a.columns);
        with_vectors(Rows {
            output,
            a,
            b,
            columns,
            bias,
        });
    });
    output
}

struct Rows<'a> {
    output: &'a mut [f32],
    a: View<'a>,
    b: &'a Panels,
    columns: usize,
    bias: Option<&'a [f32]>,
}

impl Work for Rows<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let n = self.columns;
        self.b.multiply(kernel, self.output, n, self.a, 0..n, 1.0);
        if let Some(bias) = self.bias {
            for row in self.output.chunks_exact_mut(n) {
                row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
        }
    }
}

/// `aᵀ b`, the columns of `b` shared among the threads.
fn turned_product(a: View<'_>, b: View<'_>) -> Vec<f32> {
    let mut parts: Vec<_> = column_parts(b.columns, threads())
        .map(|columns| (vec![0.0; a.columns * columns.len()], columns))
        .collect();
    side_by_side(&mut parts, &|(sums, columns)| {
        with_vectors(Columns {
            sums,
            columns: columns.clone(),
            a,
            b,
        });
    });
    let mut output = vec![0.0; a.columns * b.columns];
    for (sums, columns) in parts {
        let rows = output.chunks_exact_mut(b.columns);
        for (row, sums) in rows.zip(sums.chunks_exact(columns.len())) {
            row[columns.clone()].copy_from_slice(sums);
        }
    }
    output
}

/// These columns of `aᵀ b`, to be added to `sums`.
struct Columns<'a> {
    sums: &'a mut [f32],
    columns: Range<usize>,
    a: View<'a>,
    b: View<'a>,
}

impl Work for Columns<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self {
            sums,
            columns,
            a,
            b,
        } = self;
        let width = columns.len();
        let (mut panels, mut some) = (Panels::default(), vec![0.0; sums.len()]);
        for first in (0..a.rows).step_by(SUMMED) {
            let rows = first..a.rows.min(first + SUMMED);
            panels.fill(b.window(rows.clone(), columns.clone()));
            let left = a.window(rows, 0..a.columns);
            panels.multiply_turned(kernel, &mut some, width, left, 0..width, 1.0);
            sums.iter_mut().zip(&some).for_each(|(sum, x)| *sum += x);
        }
    }
}

fn sum_of_rows(x: View<'_>) -> Vec<f32> {
    let mut sums = vec![0.0; x.columns];
    for row in x.values.chunks_exact(x.stride).take(x.rows) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    sums
}
