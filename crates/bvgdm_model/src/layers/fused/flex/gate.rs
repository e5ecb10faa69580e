//! A branch's part to the stream.

use burn_flex::{Flex, FlexTensor};
use bvgdm_kernels::{Kernel, Work, side_by_side, with_vectors};

use super::dense::{dense, shape, tensor, values, values_mut};
use crate::layers::fused::operation::Operation;

/// `stream + branch · gate`, stream and branch `[batch, F, N, D]`, the gate `[batch, F, 1, D]`.
#[derive(Debug)]
pub struct AddGated;

impl Operation<Flex, 3> for AddGated {
    fn forward(&self, inputs: [FlexTensor; 3]) -> (FlexTensor, Vec<FlexTensor>) {
        let [mut output, branch, gate] = inputs.map(dense);
        let [.., tokens, width] = shape::<4>(&output);
        let frame = tokens * width;
        let mut frames: Vec<_> = values_mut(&mut output)
            .chunks_exact_mut(frame)
            .zip(values(&branch).chunks_exact(frame))
            .zip(values(&gate).chunks_exact(width))
            .collect();
        side_by_side(&mut frames, &|((output, branch), gate)| {
            with_vectors(Add {
                output,
                branch,
                gate,
            });
        });
        (output, vec![branch, gate])
    }

    fn backward(&self, kept: &[FlexTensor], grad: FlexTensor) -> [FlexTensor; 3] {
        let (branch, gate, grad) = (&kept[0], &kept[1], dense(grad));
        let [batch, frames, tokens, width] = shape::<4>(branch);
        let frame = tokens * width;
        let mut of_branch = vec![0.0; batch * frames * frame];
        let mut of_gate = vec![0.0; batch * frames * width];
        let mut parts: Vec<_> = of_branch
            .chunks_exact_mut(frame)
            .zip(of_gate.chunks_exact_mut(width))
            .zip(values(branch).chunks_exact(frame))
            .zip(values(gate).chunks_exact(width))
            .zip(values(&grad).chunks_exact(frame))
            .map(|((((of_branch, of_gate), branch), gate), grad)| Slopes {
                of_branch,
                of_gate,
                branch,
                gate,
                grad,
            })
            .collect();
        side_by_side(&mut parts, &|part| with_vectors(part));
        let of_branch = tensor(of_branch, &[batch, frames, tokens, width]);
        let of_gate = tensor(of_gate, &[batch, frames, 1, width]);
        [grad, of_branch, of_gate]
    }
}

/// Of one frame.
struct Add<'a> {
    output: &'a mut [f32],
    branch: &'a [f32],
    gate: &'a [f32],
}

impl Work for Add<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, _kernel: K) {
        let width = self.gate.len();
        let rows = self.output.chunks_exact_mut(width);
        for (output, branch) in rows.zip(self.branch.chunks_exact(width)) {
            for ((y, b), g) in output.iter_mut().zip(branch).zip(self.gate) {
                *y += b * g;
            }
        }
    }
}

/// Of one frame.
struct Slopes<'a> {
    of_branch: &'a mut [f32],
    of_gate: &'a mut [f32],
    branch: &'a [f32],
    gate: &'a [f32],
    grad: &'a [f32],
}

impl Work for &mut Slopes<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, _kernel: K) {
        let width = self.gate.len();
        let rows = self.of_branch.chunks_exact_mut(width);
        let known = self
            .branch
            .chunks_exact(width)
            .zip(self.grad.chunks_exact(width));
        for (of_branch, (branch, grad)) in rows.zip(known) {
            let sums = of_branch.iter_mut().zip(self.of_gate.iter_mut());
            for ((((to, sum), b), g), slope) in sums.zip(branch).zip(self.gate).zip(grad) {
                *to = slope * g;
                *sum += slope * b;
            }
        }
    }
}
