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
