//! Layer normalisation without learned gain and offset, which adaLN brings instead.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

/// `(x − mean) / sqrt(var + 1e-6)` over the last axis (Ba et al. 2016).
pub fn layer_norm<B: Backend, const D: usize>(x: Tensor<B, D>) -> Tensor<B, D> {
    let centred = x.clone() - x.mean_dim(D - 1);
    let variance = (centred.clone() * centred.clone()).mean_dim(D - 1);
    centred * (variance + 1e-6).sqrt().recip()
}
