//! Layer norm and modulation of rows.

use bvgdm_kernels::{Kernel, Work, with_vectors};

use super::CpuLowering;
use super::linear::modulation;
use crate::pass::Norm;
use crate::rollout::StepInput;

pub(super) fn run(cpu: &mut CpuLowering, pass: &Norm, input: &StepInput) {
    let mut output = cpu.take(pass.output);
    with_vectors(Rows {
        cpu,
        pass,
        step: input.step,
        output: &mut output,
    });
    cpu.give(pass.output, output);
}

struct Rows<'a> {
    cpu: &'a CpuLowering,
    pass: &'a Norm,
    step: usize,
    output: &'a mut [f32],
}

impl Work for Rows<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self {
            cpu,
            pass,
            step,
            output,
        } = self;
        let n = pass.columns;
        for row in pass.rows.clone() {
            let x = &cpu.read(pass.input)[row * n..][..n];
            let out = &mut output[row * n..][..n];
            let mean = kernel.sum(x) / n as f32;
            out.iter_mut().zip(x).for_each(|(o, x)| *o = x - mean);
            let variance = kernel.dot(out, out) / n as f32;
            let inverse = 1.0 / (variance + 1e-6).sqrt();
            let Some([scale, shift]) = pass.affine else {
                out.iter_mut().for_each(|o| *o *= inverse);
                continue;
            };
            let vectors = 2 * step + row / pass.tokens;
            let (scale, fixed_scale) = modulation(cpu, scale, vectors, n);
            let (shift, fixed_shift) = modulation(cpu, shift, vectors, n);
            let scales = scale.iter().zip(fixed_scale);
            let shifts = shift.iter().zip(fixed_shift);
            for ((o, (s, fs)), (t, ft)) in out.iter_mut().zip(scales).zip(shifts) {
                *o = *o * inverse * (s + fs) + (t + ft);
            }
        }
    }
}
