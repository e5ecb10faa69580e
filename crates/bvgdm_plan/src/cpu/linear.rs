//! A matrix product and its epilogue.

mod epilogue;
mod weight;

use std::ops::Range;
use std::sync::Arc;

use bvgdm_kernels::{Kernel, View, Work, side_by_side, with_vectors};

use super::CpuLowering;
use crate::pass::{Linear, Target};
use crate::rollout::StepInput;
use epilogue::{Epilogue, place_of};
use weight::Factors;

pub(super) use epilogue::modulation;
pub(super) use weight::Weight;

/// Multiplications for each thread below which a product takes fewer: handing a part over costs something.
const WORTH_A_THREAD: usize = 100_000;

pub(super) fn run(cpu: &mut CpuLowering, pass: &Linear, input: &StepInput) {
    let made = pass.rows_in(input.steps);
    let (rows, n, k) = (made.len(), pass.outputs, pass.inputs);
    let weight = match &cpu.packed[pass.weight.0] {
        Some(weight) => weight.clone(),
        None => {
            let weight = View::dense(cpu.table(pass.weight), k, n);
            Arc::new(Weight::of(weight, cpu.products))
        }
    };
    let threads = (rows * n * k / WORTH_A_THREAD).clamp(1, cpu.threads);
    let (Target::Rows(target) | Target::Ring(target)) = pass.output;
    let (mut output, mut scratch) = (cpu.take(target), std::mem::take(&mut cpu.scratch));
    let mut integers = std::mem::take(&mut cpu.integers);
    let a = View::dense(&cpu.read(pass.input)[made.start * k..][..rows * k], rows, k);
    let product = Product {
        factors: Factors::new(a, &weight, &mut integers),
        epilogue: Epilogue { cpu, pass, input },
        rows: made.clone(),
    };
    // What one thread computes, and nothing is added to, is computed where it goes.
    if threads == 1 && pass.add.is_none() && matches!(pass.output, Target::Rows(_)) {
        with_vectors(PartOf {
            product: &product,
            part: &mut Part {
                columns: 0..n,
                values: &mut output[made.start * n..][..rows * n],
                rows: Vec::new(),
            },
        });
    } else {
        scratch.resize((rows * n).max(scratch.len()), 0.0);
        let columns = weight.parts(threads);
        let mut parts = parts(columns, &mut scratch, &mut output, &product);
        side_by_side(&mut parts, &|part| {
            with_vectors(PartOf {
                product: &product,
                part,
            });
        });
    }
    cpu.packed[pass.weight.0] = Some(weight);
    cpu.integers = integers;
    cpu.scratch = scratch;
    cpu.give(target, output);
}

/// Some columns of the product.
struct Part<'a> {
    columns: Range<usize>,
    /// Of all rows, row after row.
    values: &'a mut [f32],
    /// The same columns of the output, where each row goes; none if `values` are these.
    rows: Vec<&'a mut [f32]>,
}

/// One part for each of these ranges of columns.
fn parts<'a>(
    columns: Vec<Range<usize>>,
    mut scratch: &'a mut [f32],
    output: &'a mut [f32],
    product: &Product<'_>,
) -> Vec<Part<'a>> {
    let Epilogue { pass, input, .. } = product.epilogue;
    let (n, count) = (pass.outputs, product.rows.len());
    let slots = output.len() / (n * pass.tokens).max(1);
    let mut parts: Vec<_> = columns
        .into_iter()
        .map(|columns| {
            let (values, rest) = std::mem::take(&mut scratch).split_at_mut(count * columns.len());
            scratch = rest;
            Part {
                columns,
                values,
                rows: Vec::with_capacity(count),
            }
        })
        .collect();
    let mut places: Vec<_> = output.chunks_exact_mut(n).map(Some).collect();
    for row in product.rows.clone() {
        let place = place_of(row, pass, input, slots);
        let mut rest = places[place].take().unwrap_or_default();
        for part in &mut parts {
            let (these, after) = rest.split_at_mut(part.columns.len());
            part.rows.push(these);
            rest = after;
        }
    }
    parts
}

/// Both factors, what is done to their product, and its rows.
struct Product<'a> {
    factors: Factors<'a>,
    epilogue: Epilogue<'a>,
    rows: Range<usize>,
}

/// A part to be computed.
struct PartOf<'a, 'b> {
    product: &'a Product<'a>,
    part: &'a mut Part<'b>,
}

impl Work for PartOf<'_, '_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Product {
            factors,
            epilogue,
            rows,
        } = self.product;
        let columns = &self.part.columns;
        factors.multiply(kernel, self.part.values, columns.clone());
        let values = self.part.values.chunks_exact_mut(columns.len());
        let mut outputs = self.part.rows.iter_mut();
        for (row, values) in rows.clone().zip(values) {
            epilogue.finish(values, row, columns.clone());
            if let Some(output) = outputs.next() {
                epilogue.write(output, values, row, columns.clone());
            }
        }
    }
}
