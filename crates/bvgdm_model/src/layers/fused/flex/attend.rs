//! Self attention from the projections on.

mod sequences;

use burn_flex::{Flex, FlexTensor};
use bvgdm_kernels::math::exponentials;
use bvgdm_kernels::{Kernel, Panels, View, Work, side_by_side, with_vectors};

use super::dense::{dense, shape, tensor, values};
use crate::layers::fused::Along;
use crate::layers::fused::operation::Operation;
use sequences::Sequences;

/// Of `qkv: [batch, F, N, 3 D]`: rotary positions, softmax attention along one axis, the heads side
/// by side `[batch, F, N, D]`. Nothing but `qkv` is kept: the scores of a sequence are computed again
/// for its gradient, in the cache.
#[derive(Debug)]
pub struct Attend {
    /// `[length, head_dim / 2]`.
    cos: FlexTensor,
    sin: FlexTensor,
    /// `[1, 1, length, length]`.
    bias: Option<FlexTensor>,
    heads: usize,
    along: Along,
}

impl Attend {
    /// `cos` and `sin`: `[length, head_dim / 2]`; `bias: [1, 1, length, length]`.
    pub fn new(
        [cos, sin]: [FlexTensor; 2],
        bias: Option<FlexTensor>,
        heads: usize,
        along: Along,
    ) -> Self {
        Self {
            cos: dense(cos),
            sin: dense(sin),
            bias: bias.map(dense),
            heads,
            along,
        }
    }

    /// How the numbers of `qkv` lie.
    fn sequences(&self, qkv: &FlexTensor) -> Sequences<'_> {
        let [_, frames, places, width] = shape(qkv);
        let (count, length) = match self.along {
            Along::Places => (1, places),
            Along::Frames => (places, frames),
        };
        Sequences {
            count,
            length,
            heads: self.heads,
            width: width / 3,
            cos: values(&self.cos),
            sin: values(&self.sin),
            bias: self.bias.as_ref().map(values),
        }
    }
}

impl Operation<Flex, 1> for Attend {
    fn forward(&self, [qkv]: [FlexTensor; 1]) -> (FlexTensor, Vec<FlexTensor>) {
        let qkv = dense(qkv);
        let [batch, frames, places, width] = shape(&qkv);
        let sequences = self.sequences(&qkv);
        let part = sequences.count * sequences.length * width;
        let mut output = vec![0.0; batch * frames * places * width / 3];
        let mut parts: Vec<_> = output
            .chunks_exact_mut(part / 3)
            .zip(values(&qkv).chunks_exact(part))
            .collect();
        side_by_side(&mut parts, &|(output, qkv)| {
            with_vectors(Mix {
                sequences,
                qkv,
                output,
            });
        });
        let output = tensor(output, &[batch, frames, places, width / 3]);
        (output, vec![qkv])
    }

    fn backward(&self, kept: &[FlexTensor], grad: FlexTensor) -> [FlexTensor; 1] {
        let (qkv, grad) = (&kept[0], dense(grad));
        let size @ [.., width] = shape::<4>(qkv);
        let sequences = self.sequences(qkv);
        let part = sequences.count * sequences.length * width;
        let mut output = vec![0.0; size.iter().product()];
        let mut parts: Vec<_> = output
            .chunks_exact_mut(part)
            .zip(values(qkv).chunks_exact(part))
            .zip(values(&grad).chunks_exact(part / 3))
            .collect();
        side_by_side(&mut parts, &|((output, qkv), grad)| {
            with_vectors(Unmix {
                sequences,
                qkv,
                grad,
                output,
            });
        });
        [tensor(output, &size)]
    }
}

/// What one head of one sequence is computed in.
struct Scratch {
    /// Turned, `[length, head_dim]`.
    q: Vec<f32>,
    k: Vec<f32>,
    /// `[length, length]`.
    shares: Vec<f32>,
    panels: Panels,
    scale: f32,
}

impl Scratch {
    fn new(sequences: &Sequences<'_>) -> Self {
        let (length, head) = (sequences.length, sequences.head_dim());
        Self {
            q: vec![0.0; length * head],
            k: vec![0.0; length * head],
            shares: vec![0.0; length * length],
            panels: Panels::default(),
            scale: 1.0 / (head as f32).sqrt(),
        }
    }

    /// Turns queries and keys, and computes what share of each key's value goes to each query.
    #[inline(always)]
    fn share<K: Kernel>(
        &mut self,
        kernel: K,
        sequences: &Sequences<'_>,
        qkv: &[f32],
        at: (usize, usize),
    ) {
        let (length, head) = (sequences.length, sequences.head_dim());
        sequences.turn(sequences.rows(qkv, 3, 0, at), &mut self.q);
        sequences.turn(sequences.rows(qkv, 3, 1, at), &mut self.k);
        let (q, k) = (
            View::dense(&self.q, length, head),
            View::dense(&self.k, length, head),
        );
        self.panels.fill_transposed(k);
        self.panels
            .multiply(kernel, &mut self.shares, length, q, 0..length, self.scale);
        if let Some(bias) = sequences.bias {
            self.shares.iter_mut().zip(bias).for_each(|(s, b)| *s += b);
        }
        for row in self.shares.chunks_exact_mut(length) {
            let one = 1.0 / exponentials(kernel, row);
            row.iter_mut().for_each(|share| *share *= one);
        }
    }
}

/// Sequences side by side through the attention.
struct Mix<'a> {
    sequences: Sequences<'a>,
    /// `[length, count, 3 width]`.
    qkv: &'a [f32],
    /// `[length, count, width]`.
    output: &'a mut [f32],
}

impl Work for Mix<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self {
            sequences,
            qkv,
            output,
        } = self;
        let (length, head) = (sequences.length, sequences.head_dim());
        let mut scratch = Scratch::new(&sequences);
        for at in sequences.each() {
            scratch.share(kernel, &sequences, qkv, at);
            let Scratch { shares, panels, .. } = &mut scratch;
            panels.fill(sequences.rows(qkv, 3, 2, at));
            let (output, stride) = (
                &mut output[sequences.first(1, 0, at)..],
                sequences.stride(1),
            );
            let shares = View::dense(shares, length, length);
            panels.multiply(kernel, output, stride, shares, 0..head, 1.0);
        }
    }
}

/// The gradient of [`Mix`].
struct Unmix<'a> {
    sequences: Sequences<'a>,
    /// `[length, count, 3 width]`.
    qkv: &'a [f32],
    /// `[length, count, width]`.
    grad: &'a [f32],
    /// `[length, count, 3 width]`.
    output: &'a mut [f32],
}

impl Work for Unmix<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self {
            sequences,
            qkv,
            grad,
            output,
        } = self;
        let (length, head, stride) = (sequences.length, sequences.head_dim(), sequences.stride(3));
        let mut scratch = Scratch::new(&sequences);
        let mut of_scores = vec![0.0; length * length];
        let mut turned = vec![0.0; length * head];
        for at in sequences.each() {
            scratch.share(kernel, &sequences, qkv, at);
            let Scratch {
                q,
                k,
                shares,
                panels,
                scale,
            } = &mut scratch;
            let grad = sequences.rows(grad, 1, 0, at);
            let of_part = |part: usize| sequences.first(3, part, at);
            let square = |x| View::dense(x, length, length);

            // Values: sharesᵀ grad.
            panels.fill(grad);
            let of_values = &mut output[of_part(2)..];
            panels.multiply_turned(kernel, of_values, stride, square(shares), 0..head, 1.0);

            // Scores: through the softmax, with grad valuesᵀ as the shares' gradient.
            panels.fill_transposed(sequences.rows(qkv, 3, 2, at));
            panels.multiply(kernel, &mut of_scores, length, grad, 0..length, 1.0);
            let rows = of_scores.chunks_exact_mut(length);
            for (of_scores, shares) in rows.zip(shares.chunks_exact(length)) {
                let mean = kernel.dot(of_scores, shares);
                for (s, share) in of_scores.iter_mut().zip(shares) {
                    *s = (*s - mean) * share * *scale;
                }
            }

            // Queries: scores k. Keys: scoresᵀ q.
            let of_scores = square(&of_scores);
            panels.fill(View::dense(k, length, head));
            panels.multiply(kernel, &mut turned, head, of_scores, 0..head, 1.0);
            sequences.turn_back(&turned, &mut output[of_part(0)..], stride);
            panels.fill(View::dense(q, length, head));
            panels.multiply_turned(kernel, &mut turned, head, of_scores, 0..head, 1.0);
            sequences.turn_back(&turned, &mut output[of_part(1)..], stride);
        }
    }
}
