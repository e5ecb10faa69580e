//! A matrix product and its epilogue.

use std::ops::Range;
use std::sync::Arc;

use bvgdm_kernels::math::{gelu_erf, gelu_tanh};
use bvgdm_kernels::{Kernel, Panels, View, Work, side_by_side, with_vectors};

use super::CpuLowering;
use crate::pass::{Activation, Linear, Modulation, Rotation, Target};
use crate::rollout::StepInput;

/// Multiplications for each thread below which a product takes fewer: handing a part over costs something.
const WORTH_A_THREAD: usize = 100_000;

pub(super) fn run(cpu: &mut CpuLowering, pass: &Linear, input: &StepInput) {
    let (rows, n, k) = (pass.rows.len(), pass.outputs, pass.inputs);
    let panels = match &cpu.packed[pass.weight.0] {
        Some(panels) => panels.clone(),
        None => Arc::new(Panels::of(View::dense(cpu.table(pass.weight), k, n))),
    };
    let threads = (rows * n * k / WORTH_A_THREAD).clamp(1, cpu.threads);
    // What one thread computes, and nothing is added to, is computed where it goes.
    let place = match (pass.output, &pass.add) {
        (Target::Rows(buffer), None) if threads == 1 => Some(buffer),
        _ => None,
    };
    let (mut product, start) = match place {
        Some(buffer) => (cpu.take(buffer), pass.rows.start * n),
        None => (std::mem::take(&mut cpu.scratch), 0),
    };
    product.resize((start + rows * n).max(product.len()), 0.0);
    let first = match pass.input_by_step {
        true => pass.rows.start + 2 * input.step,
        false => pass.rows.start,
    };
    let mut parts = Vec::with_capacity(threads);
    let mut rest = &mut product[start..];
    for columns in panels.parts(threads) {
        let (values, after) = rest.split_at_mut(rows * columns.len());
        parts.push(Part { columns, values });
        rest = after;
    }
    let whole = Product {
        cpu,
        pass,
        input,
        a: View::dense(&cpu.read(pass.input)[first * k..][..rows * k], rows, k),
        b: &panels,
    };
    side_by_side(&mut parts, &|part| {
        with_vectors(PartOf {
            product: &whole,
            part,
        });
    });
    let parts: Vec<_> = parts.into_iter().map(|part| part.columns).collect();
    cpu.packed[pass.weight.0] = Some(panels);
    match place {
        Some(buffer) => cpu.give(buffer, product),
        None => {
            write(cpu, pass, input, &parts, &product);
            cpu.scratch = product;
        }
    }
}

/// Some columns of the product, row after row.
struct Part<'a> {
    columns: Range<usize>,
    values: &'a mut [f32],
}

/// Both factors, and what is done to their product before it is written.
struct Product<'a> {
    cpu: &'a CpuLowering,
    pass: &'a Linear,
    input: &'a StepInput,
    a: View<'a>,
    b: &'a Panels,
}

/// A part to be computed.
struct PartOf<'a, 'b> {
    product: &'a Product<'a>,
    part: &'a mut Part<'b>,
}

impl Work for PartOf<'_, '_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self { product, part } = self;
        let columns = part.columns.clone();
        let (values, width) = (&mut *part.values, columns.len());
        product
            .b
            .multiply(kernel, values, width, product.a, columns.clone(), 1.0);
        for (row, values) in product
            .pass
            .rows
            .clone()
            .zip(values.chunks_exact_mut(width))
        {
            product.finish(values, row, columns.clone());
        }
    }
}

impl Product<'_> {
    /// `values`: these columns of a row of the product.
    #[inline(always)]
    fn finish(&self, values: &mut [f32], row: usize, columns: Range<usize>) {
        let (cpu, pass) = (self.cpu, self.pass);
        let (frame, place) = (row / pass.tokens, row % pass.tokens);
        if let Some(table) = pass.bias {
            add(values, &cpu.table(table)[columns.clone()]);
        }
        if let Some(table) = pass.places {
            add(
                values,
                &cpu.table(table)[place * pass.outputs..][columns.clone()],
            );
        }
        match pass.activation {
            Activation::None => {}
            Activation::GeluErf => gelu_erf(values),
            Activation::GeluTanh => gelu_tanh(values),
        }
        if let Some(rotation) = &pass.rotation {
            let turns = turns(cpu, rotation, frame, place, self.input);
            rotate(values, turns, columns.start, rotation.columns);
        }
    }
}

/// Cosine and sine of each pair of a head, for a row.
fn turns<'a>(
    cpu: &'a CpuLowering,
    rotation: &Rotation,
    frame: usize,
    place: usize,
    input: &StepInput,
) -> &'a [f32] {
    let head = rotation.head_dim;
    match rotation.places {
        Some(table) => &cpu.table(table)[place * head..][..head],
        None => &cpu.read(cpu.plan.state.rope)[(2 * input.step + frame) * head..][..head],
    }
}

/// Turns the pairs of `values`, whose first stands in column `first`, as far as column `end`.
#[inline(always)]
fn rotate(values: &mut [f32], turns: &[f32], first: usize, end: usize) {
    let count = values.len().min(end.saturating_sub(first));
    let (mut values, mut turns_left) = (&mut values[..count], &turns[first % turns.len()..]);
    while !values.is_empty() {
        let (head, rest) = values.split_at_mut(turns_left.len().min(values.len()));
        for (pair, turn) in head.chunks_exact_mut(2).zip(turns_left.chunks_exact(2)) {
            let (a, b, cos, sin) = (pair[0], pair[1], turn[0], turn[1]);
            pair[0] = a * cos - b * sin;
            pair[1] = b * cos + a * sin;
        }
        (values, turns_left) = (rest, turns);
    }
}

#[inline(always)]
fn add(values: &mut [f32], terms: &[f32]) {
    values.iter_mut().zip(terms).for_each(|(v, t)| *v += t);
}

/// Writes the parts of a product where they go, with what they are added to.
fn write(
    cpu: &mut CpuLowering,
    pass: &Linear,
    input: &StepInput,
    parts: &[Range<usize>],
    product: &[f32],
) {
    let (rows, n) = (pass.rows.clone(), pass.outputs);
    let (target, slots) = match pass.output {
        Target::Rows(buffer) => (buffer, 0),
        Target::Ring(buffer) => (buffer, cpu.plan.buffer(buffer).rows / pass.tokens),
    };
    let mut output = cpu.take(target);
    for columns in parts {
        let values = &product[rows.len() * columns.start..][..rows.len() * columns.len()];
        for (row, values) in rows.clone().zip(values.chunks_exact(columns.len())) {
            let (frame, place) = (row / pass.tokens, row % pass.tokens);
            let to = match pass.output {
                Target::Rows(_) => row,
                Target::Ring(_) => (input.slot + slots + frame - 1) % slots * pass.tokens + place,
            };
            let out = &mut output[to * n..][columns.clone()];
            let Some(residual) = &pass.add else {
                out.copy_from_slice(values);
                continue;
            };
            let stream = &cpu.read(residual.stream)[row * n..][columns.clone()];
            let sums = out.iter_mut().zip(stream).zip(values);
            match residual.gate {
                None => sums.for_each(|((o, s), v)| *o = s + v),
                Some(gate) => {
                    let (moving, fixed) = modulation(cpu, gate, frame, n);
                    let gates = moving[columns.clone()].iter().zip(&fixed[columns.clone()]);
                    sums.zip(gates)
                        .for_each(|(((o, s), v), (m, f))| *o = s + v * (m + f));
                }
            }
        }
    }
    cpu.give(target, output);
}

/// The two rows whose sum is a modulation's vector for a frame.
pub(super) fn modulation(
    cpu: &CpuLowering,
    part: Modulation,
    frame: usize,
    columns: usize,
) -> (&[f32], &[f32]) {
    let buffer = cpu.plan.state.modulation;
    let first = frame * cpu.columns(buffer) + part.column;
    (
        &cpu.read(buffer)[first..][..columns],
        &cpu.table(part.offset)[part.offset_column..][..columns],
    )
}
