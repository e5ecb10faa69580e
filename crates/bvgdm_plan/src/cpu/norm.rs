//! Layer norm and modulation of rows.

use super::CpuLowering;
use super::linear::modulation;
use crate::pass::Norm;

/// Numbers that are summed side by side, so that sums are vectors too.
const LANES: usize = 8;

pub(super) fn run(cpu: &mut CpuLowering, pass: &Norm) {
    let n = pass.columns;
    let mut output = cpu.take(pass.output);
    for row in pass.rows.clone() {
        let x = &cpu.read(pass.input)[row * n..][..n];
        let out = &mut output[row * n..][..n];
        let mean = sum(x, |x| x) / n as f32;
        let variance = sum(x, |x| (x - mean) * (x - mean)) / n as f32;
        let inverse = 1.0 / (variance + 1e-6).sqrt();
        let Some([scale, shift]) = pass.affine else {
            for (o, x) in out.iter_mut().zip(x) {
                *o = (x - mean) * inverse;
            }
            continue;
        };
        let frame = row / pass.tokens;
        let (scale, fixed_scale) = modulation(cpu, scale, frame, n);
        let (shift, fixed_shift) = modulation(cpu, shift, frame, n);
        let scales = scale.iter().zip(fixed_scale);
        let shifts = shift.iter().zip(fixed_shift);
        for (((o, x), (s, fs)), (t, ft)) in out.iter_mut().zip(x).zip(scales).zip(shifts) {
            *o = (x - mean) * inverse * (s + fs) + (t + ft);
        }
    }
    cpu.give(pass.output, output);
}

fn sum(x: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        lanes
            .iter_mut()
            .zip(chunk)
            .for_each(|(lane, &x)| *lane += f(x));
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&x| f(x)).sum::<f32>()
}
