//! Layer normalisation.

use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::Torch;
use crate::layers::fused::operation::Operation;
use crate::layers::norm::EPSILON;

const NONE: Option<&Tensor> = None;

/// Of `x: [batch, F, N, D]`, shift and scale `[batch, F, 1, D]`: see
/// [`modulate`](crate::layers::modulate).
#[derive(Debug)]
pub struct Modulate;

impl Operation<Torch, 3> for Modulate {
    fn forward(&self, [x, shift, scale]: [TchTensor; 3]) -> (TchTensor, Vec<TchTensor>) {
        let (normed, _, rstd) = normalise(&x.tensor);
        // The stream's precision ends here, that of the branch begins.
        let normed = normed.to_kind(scale.tensor.kind());
        let gain = scale.tensor + 1.0;
        let y = shift.tensor.addcmul(&normed, &gain);
        (
            TchTensor::new(y),
            [normed, rstd, gain].map(TchTensor::new).into(),
        )
    }

    fn backward(&self, kept: &[TchTensor], grad: TchTensor) -> [TchTensor; 3] {
        let grad = &grad.tensor;
        let [normed, rstd, gain] = tensors(kept);
        let over_tokens = |x: &Tensor| x.sum_dim_intlist(2i64, true, x.kind());
        let of_gain = grad * &normed;
        // Dot products with the gain over the channels, as matrix products.
        let column = gain.transpose(2, 3) / width(&normed) as f64;
        let (mean, slope) = (grad.matmul(&column), of_gain.matmul(&column));
        let of_x = centred(grad * gain, &normed, &rstd, &mean, &slope);
        [of_x, over_tokens(grad), over_tokens(&of_gain)].map(TchTensor::new)
    }
}

/// Of `x: [..., D]`, gain and offset `[D]`: see [`norm`](crate::layers::norm).
#[derive(Debug)]
pub struct Norm;

impl Operation<Torch, 3> for Norm {
    fn forward(&self, [x, gain, offset]: [TchTensor; 3]) -> (TchTensor, Vec<TchTensor>) {
        let (normed, _, rstd) = normalise(&x.tensor);
        let y = offset.tensor.addcmul(&normed, &gain.tensor);
        let kept = vec![TchTensor::new(normed), TchTensor::new(rstd), gain];
        (TchTensor::new(y), kept)
    }

    fn backward(&self, kept: &[TchTensor], grad: TchTensor) -> [TchTensor; 3] {
        let grad = &grad.tensor;
        let [normed, rstd, gain] = tensors(kept);
        let width = width(&normed);
        let over_rows = |x: &Tensor| {
            x.reshape([-1, width])
                .sum_dim_intlist(0i64, false, Kind::Float)
        };
        let of_gain = grad * &normed;
        let column = gain.unsqueeze(1) / width as f64;
        let (mean, slope) = (grad.matmul(&column), of_gain.matmul(&column));
        let of_x = centred(grad * gain, &normed, &rstd, &mean, &slope);
        [of_x, over_rows(&of_gain), over_rows(grad)].map(TchTensor::new)
    }
}

/// Over the last axis: the normalised tensor, the mean and one over the standard deviation.
fn normalise(x: &Tensor) -> (Tensor, Tensor, Tensor) {
    x.native_layer_norm(width(x), NONE, NONE, EPSILON)
}

/// The gradient of `x` from that of its normalised form: `mean` and `slope` are the means over the
/// channels of this gradient and of its product with `normed`.
fn centred(
    mut grad: Tensor,
    normed: &Tensor,
    rstd: &Tensor,
    mean: &Tensor,
    slope: &Tensor,
) -> Tensor {
    let grad = grad.addcmul_(normed, &slope.neg());
    // (grad − mean) rstd
    (mean.neg() * rstd).addcmul(&grad, rstd)
}

fn width(x: &Tensor) -> i64 {
    x.size().last().copied().unwrap_or(1)
}

fn tensors<const N: usize>(kept: &[TchTensor]) -> [Tensor; N] {
    std::array::from_fn(|i| kept[i].tensor.shallow_clone())
}
