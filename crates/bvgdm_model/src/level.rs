//! Noise levels applied to tensors.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use bvgdm_core::{Level, Prediction};

/// What a [`Level`] does to latents.
pub trait TensorLevel {
    /// `α x₀ + σ ε`.
    fn add_noise<B: Backend, const D: usize>(
        &self,
        clean: Tensor<B, D>,
        noise: Tensor<B, D>,
    ) -> Tensor<B, D>;

    /// The latent at the level `next`, from this level's latent `x` and the prediction for it;
    /// `previous` is the clean latent of the frame before.
    fn advance<B: Backend, const D: usize>(
        &self,
        kind: Prediction,
        next: &Level,
        x: Tensor<B, D>,
        prediction: Tensor<B, D>,
        previous: Tensor<B, D>,
    ) -> Tensor<B, D>;
}

impl TensorLevel for Level {
    fn add_noise<B: Backend, const D: usize>(
        &self,
        clean: Tensor<B, D>,
        noise: Tensor<B, D>,
    ) -> Tensor<B, D> {
        clean * self.alpha + noise * self.sigma
    }

    fn advance<B: Backend, const D: usize>(
        &self,
        kind: Prediction,
        next: &Level,
        x: Tensor<B, D>,
        prediction: Tensor<B, D>,
        previous: Tensor<B, D>,
    ) -> Tensor<B, D> {
        let [of_x, of_prediction, of_previous] = self.update(kind, next);
        let scaled = |tensor: Tensor<B, D>, weight: f64| match weight {
            1.0 => tensor,
            weight => tensor * weight,
        };
        let mut sum = scaled(prediction, of_prediction);
        for (tensor, weight) in [(x, of_x), (previous, of_previous)] {
            if weight != 0.0 {
                sum = sum + scaled(tensor, weight);
            }
        }
        sum
    }
}
