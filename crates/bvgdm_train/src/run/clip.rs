//! Clipping by the norm of the whole gradient.

use burn::module::{AutodiffModule, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::backend::AutodiffBackend;
use burn::tensor::{ElementConversion as _, Tensor};

/// Scales all gradients so that their common norm is at most `limit` (Pascanu et al. 2013); the
/// norm before it.
pub fn clip_by_norm<B: AutodiffBackend, M: AutodiffModule<B>>(
    module: &M,
    grads: &mut GradientsParams,
    limit: f64,
) -> f64 {
    let mut sum = SumOfSquares::<B> { grads, sum: None };
    module.visit(&mut sum);
    let Some(sum) = sum.sum else { return 0.0 };
    let norm = sum.into_scalar().elem::<f64>().sqrt();
    if norm.is_finite() && norm > limit {
        module.visit(&mut Scale {
            grads,
            factor: limit / norm,
        });
    }
    norm
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

struct Scale<'a> {
    grads: &'a mut GradientsParams,
    factor: f64,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if let Some(grad) = self.grads.remove::<B::InnerBackend, D>(param.id) {
            self.grads
                .register::<B::InnerBackend, D>(param.id, grad * self.factor);
        }
    }
}
