//! Layer normalisation.

use burn_flex::{Flex, FlexTensor};
use bvgdm_kernels::{Kernel, Work, side_by_side, with_vectors};

use super::dense::{dense, shape, tensor, values, values_mut, width};
use crate::layers::fused::operation::Operation;
use crate::layers::norm::EPSILON;

/// Rows of which one thread sums the gradients of gain and offset.
const ROWS: usize = 128;

/// Of `x: [batch, F, N, D]`, shift and scale `[batch, F, 1, D]`: see
/// [`modulate`](crate::layers::modulate).
#[derive(Debug)]
pub struct Modulate;

impl Operation<Flex, 3> for Modulate {
    fn forward(&self, inputs: [FlexTensor; 3]) -> (FlexTensor, Vec<FlexTensor>) {
        let [x, shift, scale] = inputs.map(dense);
        let [.., tokens, width] = shape::<4>(&x);
        let gain: Vec<f32> = values(&scale).iter().map(|scale| scale + 1.0).collect();
        let gain = tensor(gain, scale.layout().shape());
        let y = forward(&x, [&gain, &shift], tokens * width);
        (y, vec![x, gain])
    }

    fn backward(&self, kept: &[FlexTensor], grad: FlexTensor) -> [FlexTensor; 3] {
        let (x, gain) = (&kept[0], &kept[1]);
        let [.., tokens, width] = shape::<4>(x);
        let (of_x, of_gain, of_shift) = backward(x, gain, grad, tokens * width);
        let size = gain.layout().shape();
        [of_x, tensor(of_shift, size), tensor(of_gain, size)]
    }
}

/// Of `x: [..., D]`, gain and offset `[D]`: see [`norm`](crate::layers::norm).
#[derive(Debug)]
pub struct Norm;

impl Operation<Flex, 3> for Norm {
    fn forward(&self, inputs: [FlexTensor; 3]) -> (FlexTensor, Vec<FlexTensor>) {
        let [x, gain, offset] = inputs.map(dense);
        let y = forward(&x, [&gain, &offset], ROWS * width(&x));
        (y, vec![x, gain])
    }

    fn backward(&self, kept: &[FlexTensor], grad: FlexTensor) -> [FlexTensor; 3] {
        let (x, gain) = (&kept[0], &kept[1]);
        let width = width(x);
        let (of_x, of_gain, of_offset) = backward(x, gain, grad, ROWS * width);
        let sum = |parts: Vec<f32>| {
            let mut sums = vec![0.0; width];
            for part in parts.chunks_exact(width) {
                sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
            }
            tensor(sums, &[width])
        };
        [of_x, sum(of_gain), sum(of_offset)]
    }
}

/// `part` numbers of `x` share a row of gain and offset each, or all of them the only one.
fn forward(x: &FlexTensor, [gain, offset]: [&FlexTensor; 2], part: usize) -> FlexTensor {
    let width = width(x);
    let mut output = x.clone();
    let rows = values(gain).chunks_exact(width).cycle();
    let rows = rows.zip(values(offset).chunks_exact(width).cycle());
    let numbers = values_mut(&mut output).chunks_mut(part.max(1));
    let mut parts: Vec<_> = numbers.zip(rows).collect();
    side_by_side(&mut parts, &|(output, (gain, offset))| {
        with_vectors(Forward {
            output,
            gain,
            offset,
        });
    });
    output
}

/// The gradients of `x`, and of gain and offset for every part.
fn backward(
    x: &FlexTensor,
    gain: &FlexTensor,
    grad: FlexTensor,
    part: usize,
) -> (FlexTensor, Vec<f32>, Vec<f32>) {
    let width = width(x);
    let mut of_x = dense(grad);
    let numbers = values_mut(&mut of_x);
    let count = numbers.len().div_ceil(part.max(1));
    let (mut of_gain, mut of_offset) = (vec![0.0; count * width], vec![0.0; count * width]);
    let mut parts: Vec<_> = numbers
        .chunks_mut(part.max(1))
        .zip(values(x).chunks(part.max(1)))
        .zip(values(gain).chunks_exact(width).cycle())
        .zip(of_gain.chunks_exact_mut(width))
        .zip(of_offset.chunks_exact_mut(width))
        .map(|((((grad, x), gain), of_gain), of_offset)| Backward {
            grad,
            x,
            gain,
            of_gain,
            of_offset,
        })
        .collect();
    side_by_side(&mut parts, &|part| with_vectors(part));
    (of_x, of_gain, of_offset)
}

struct Forward<'a> {
    /// The input, to become the result.
    output: &'a mut [f32],
    gain: &'a [f32],
    offset: &'a [f32],
}

impl Work for Forward<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        for row in self.output.chunks_exact_mut(self.gain.len()) {
            normalise(kernel, row);
            for ((y, gain), offset) in row.iter_mut().zip(self.gain).zip(self.offset) {
                *y = *y * gain + offset;
            }
        }
    }
}

struct Backward<'a> {
    /// The gradient of the result, to become that of the input.
    grad: &'a mut [f32],
    x: &'a [f32],
    gain: &'a [f32],
    of_gain: &'a mut [f32],
    of_offset: &'a mut [f32],
}

impl Work for &mut Backward<'_> {
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let width = self.gain.len();
        let mut normed = vec![0.0; width];
        let rows = self.grad.chunks_exact_mut(width);
        for (grad, x) in rows.zip(self.x.chunks_exact(width)) {
            normed.copy_from_slice(x);
            let rstd = normalise(kernel, &mut normed);
            for (((g, n), a), b) in grad
                .iter()
                .zip(&normed)
                .zip(self.of_gain.iter_mut())
                .zip(self.of_offset.iter_mut())
            {
                *a += g * n;
                *b += g;
            }
            grad.iter_mut()
                .zip(self.gain)
                .for_each(|(g, gain)| *g *= gain);
            let mean = kernel.sum(grad) / width as f32;
            let slope = kernel.dot(grad, &normed) / width as f32;
            for (g, n) in grad.iter_mut().zip(&normed) {
                *g = (*g - mean - slope * n) * rstd;
            }
        }
    }
}

/// A row less its mean, over its standard deviation; one over that.
#[inline(always)]
fn normalise(kernel: impl Kernel, row: &mut [f32]) -> f32 {
    let count = row.len() as f32;
    let mean = kernel.sum(row) / count;
    row.iter_mut().for_each(|x| *x -= mean);
    let rstd = 1.0 / (kernel.dot(row, row) / count + EPSILON as f32).sqrt();
    row.iter_mut().for_each(|x| *x *= rstd);
    rstd
}
