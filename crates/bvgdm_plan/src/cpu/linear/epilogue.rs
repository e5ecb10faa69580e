//! What is done to a row of a product, and where it goes.

use std::ops::Range;

use bvgdm_kernels::math::{gelu_erf, gelu_tanh};

use crate::cpu::CpuLowering;
use crate::pass::{Activation, Linear, Modulation, Rotation, Target};
use crate::rollout::StepInput;

/// Of one pass.
pub struct Epilogue<'a> {
    pub cpu: &'a CpuLowering,
    pub pass: &'a Linear,
    pub input: &'a StepInput,
}

impl Epilogue<'_> {
    /// `values`: these columns of a row of the product.
    #[inline(always)]
    pub fn finish(&self, values: &mut [f32], row: usize, columns: Range<usize>) {
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

    /// Writes these columns of a row, with what they are added to, into that row of the output.
    #[inline(always)]
    pub fn write(&self, output: &mut [f32], values: &[f32], row: usize, columns: Range<usize>) {
        let (cpu, n) = (self.cpu, self.pass.outputs);
        let Some(residual) = &self.pass.add else {
            output.copy_from_slice(values);
            return;
        };
        let stream = &cpu.read(residual.stream)[row * n..][columns.clone()];
        let sums = output.iter_mut().zip(stream).zip(values);
        match residual.gate {
            None => sums.for_each(|((o, s), v)| *o = s + v),
            Some(gate) => {
                let vectors = 2 * self.input.step + row / self.pass.tokens;
                let (moving, fixed) = modulation(cpu, gate, vectors, n);
                let gates = moving[columns.clone()].iter().zip(&fixed[columns]);
                sums.zip(gates)
                    .for_each(|(((o, s), v), (m, f))| *o = s + v * (m + f));
            }
        }
    }
}

/// The row of the output that a row of the product goes to; a ring has so many slots.
pub fn place_of(row: usize, pass: &Linear, input: &StepInput, slots: usize) -> usize {
    let (frame, place) = (row / pass.tokens, row % pass.tokens);
    match pass.output {
        Target::Rows(_) => row,
        Target::Ring(_) => (input.slot + slots + frame - 1) % slots * pass.tokens + place,
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

/// The two rows whose sum is a modulation's vector, of which there are two for each step.
pub fn modulation(
    cpu: &CpuLowering,
    part: Modulation,
    row: usize,
    columns: usize,
) -> (&[f32], &[f32]) {
    let first = row * cpu.columns(part.buffer) + part.column;
    (
        &cpu.read(part.buffer)[first..][..columns],
        &cpu.table(part.offset)[part.offset_column..][..columns],
    )
}
