//! A matrix product and its epilogue.

use super::CpuLowering;
use super::math::{gelu_erf, gelu_tanh};
use super::product::{View, multiply_weight};
use crate::pass::{Activation, Linear, Modulation, Rotation, Target};
use crate::rollout::StepInput;

pub(super) fn run(cpu: &mut CpuLowering, pass: &Linear, input: &StepInput) {
    let (rows, n, k) = (pass.rows.len(), pass.outputs, pass.inputs);
    let mut product = std::mem::take(&mut cpu.scratch);
    product.resize((rows * n).max(product.len()), 0.0);
    let first = pass.rows.start
        + if pass.input_by_step {
            2 * input.step
        } else {
            0
        };
    let mut packed = std::mem::take(&mut cpu.packed[pass.weight.0]);
    let a = View::dense(&cpu.read(pass.input)[first * k..], rows, k);
    let b = View::dense(cpu.table(pass.weight), k, n);
    multiply_weight(&mut product, a, b, &mut packed, cpu.threads);
    cpu.packed[pass.weight.0] = packed;

    let (target, slots) = match pass.output {
        Target::Rows(buffer) => (buffer, 0),
        Target::Ring(buffer) => (buffer, cpu.plan.buffer(buffer).rows / pass.tokens),
    };
    let mut output = cpu.take(target);
    for (row, values) in pass.rows.clone().zip(product.chunks_exact_mut(n)) {
        let (frame, place) = (row / pass.tokens, row % pass.tokens);
        for table in pass.bias.iter() {
            add(values, cpu.table(*table));
        }
        for table in pass.places.iter() {
            add(values, &cpu.table(*table)[place * n..][..n]);
        }
        match pass.activation {
            Activation::None => {}
            Activation::GeluErf => gelu_erf(values),
            Activation::GeluTanh => gelu_tanh(values),
        }
        if let Some(rotation) = &pass.rotation {
            rotate(cpu, values, rotation, frame, place, input);
        }
        let to = match pass.output {
            Target::Rows(_) => row,
            Target::Ring(_) => (input.slot + slots + frame - 1) % slots * pass.tokens + place,
        };
        let out = &mut output[to * n..][..n];
        match &pass.add {
            None => out.copy_from_slice(values),
            Some(residual) => {
                let stream = &cpu.read(residual.stream)[row * n..][..n];
                match residual.gate {
                    None => {
                        for ((o, s), v) in out.iter_mut().zip(stream).zip(&*values) {
                            *o = s + v;
                        }
                    }
                    Some(gate) => {
                        let (moving, fixed) = modulation(cpu, gate, frame, n);
                        let gates = moving.iter().zip(fixed);
                        for (((o, s), v), (m, f)) in
                            out.iter_mut().zip(stream).zip(&*values).zip(gates)
                        {
                            *o = s + v * (m + f);
                        }
                    }
                }
            }
        }
    }
    cpu.give(target, output);
    cpu.scratch = product;
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

fn rotate(
    cpu: &CpuLowering,
    values: &mut [f32],
    rotation: &Rotation,
    frame: usize,
    place: usize,
    input: &StepInput,
) {
    let head = rotation.head_dim;
    let turns = match rotation.places {
        Some(table) => &cpu.table(table)[place * head..][..head],
        None => &cpu.read(cpu.plan.state.rope)[(2 * input.step + frame) * head..][..head],
    };
    for channels in values[..rotation.columns].chunks_exact_mut(head) {
        for (pair, turn) in channels.chunks_exact_mut(2).zip(turns.chunks_exact(2)) {
            let (a, b, cos, sin) = (pair[0], pair[1], turn[0], turn[1]);
            pair[0] = a * cos - b * sin;
            pair[1] = b * cos + a * sin;
        }
    }
}

fn add(values: &mut [f32], terms: &[f32]) {
    values.iter_mut().zip(terms).for_each(|(v, t)| *v += t);
}
