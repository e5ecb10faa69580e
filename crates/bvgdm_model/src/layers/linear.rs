//! Linear layers over the last axis.

use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use burn::tensor::module;

use super::fused;

/// `layer(x)` for `x: [..., inputs]` at the precision of `x`, as one matrix product of all rows. With
/// leading axes left in place, burn computes the weight's gradient as a batch of products that it then
/// sums, hundreds of times the memory of the weight itself.
pub fn linear<B: Backend, const D: usize>(layer: &Linear<B>, x: Tensor<B, D>) -> Tensor<B, D> {
    let mut shape = x.dims();
    let rows = shape.iter().take(D - 1).product::<usize>();
    let dtype = x.dtype();
    let weight = layer.weight.val().cast(dtype);
    let bias = layer.bias.as_ref().map(|bias| bias.val().cast(dtype));
    let x = x.reshape([rows, shape[D - 1]]);
    let y = fused::linear(&x, &weight, bias.as_ref());
    let y = y.unwrap_or_else(|| module::linear(x, weight, bias));
    shape[D - 1] = y.dims()[1];
    y.reshape(shape)
}
