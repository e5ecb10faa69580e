//! Clipping by the norm of the whole gradient.

use burn::module::{AutodiffModule, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use burn::tensor::backend::AutodiffBackend;

/// Scales all gradients so that their common norm is at most `limit` (Pascanu et al. 2013); the
/// norm before it, `[1]`, which nothing here waits for.
pub fn clip_by_norm<B: AutodiffBackend, M: AutodiffModule<B>>(
    module: &M,
    grads: &mut GradientsParams,
    limit: f64,
) -> Option<Tensor<B::InnerBackend, 1>> {
    let mut sum = SumOfSquares::<B> { grads, sum: None };
    module.visit(&mut sum);
    let norm = sum.sum?.sqrt();
    let factor = (norm.clone().recip() * limit).clamp_max(1.0);
    module.visit(&mut Scale::<B> { grads, factor });
    Some(norm)
}

struct SumOfSquares<'a, B: AutodiffBackend> {
    grads: &'a GradientsParams,
    sum: Option<Tensor<B::InnerBackend, 1>>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for SumOfSquares<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if let Some(grad) = self.grads.get::<B::InnerBackend, D>(param.id) {
            let square = (grad.clone() * grad).sum();
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + square,
                None => square,
            });
        }
    }
}

struct Scale<'a, B: AutodiffBackend> {
    grads: &'a mut GradientsParams,
    /// `[1]`.
    factor: Tensor<B::InnerBackend, 1>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Scale<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if let Some(grad) = self.grads.remove::<B::InnerBackend, D>(param.id) {
            let grad = grad * self.factor.clone().reshape([1; D]);
            self.grads.register::<B::InnerBackend, D>(param.id, grad);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;
    use burn::tensor::ElementConversion as _;
    use burn_autodiff::Autodiff;
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    type B = Autodiff<Flex>;

    #[test]
    fn a_gradient_is_as_long_as_the_limit_at_most_and_its_length_before_is_told() {
        let _alone = crate::alone::alone();
        let layer = LinearConfig::new(3, 1)
            .with_bias(false)
            .init::<B>(&FlexDevice);
        for (limit, expected) in [(1.0, 1.0), (9.0, 5.0)] {
            // The gradient is (3, 0, 4).
            let factor = Tensor::<B, 2>::from_floats([[3.0f32], [0.0], [4.0]], &FlexDevice);
            let loss = (layer.weight.val() * factor).sum();
            let mut grads = GradientsParams::from_grads(loss.backward(), &layer);
            let before = clip_by_norm::<B, _>(&layer, &mut grads, limit).unwrap();
            assert!((before.into_scalar().elem::<f64>() - 5.0).abs() < 1e-5);
            let grad = grads.get::<Flex, 2>(layer.weight.id).unwrap();
            let norm = (grad.clone() * grad)
                .sum()
                .sqrt()
                .into_scalar()
                .elem::<f64>();
            assert!((norm - expected).abs() < 1e-5, "{norm}");
        }
    }
}
