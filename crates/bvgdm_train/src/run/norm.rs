//! How large all weights together are.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{ElementConversion as _, Tensor};

/// The Euclidean norm of all parameters; no number if one of them is none.
pub fn norm<B: Backend, M: Module<B>>(module: &M) -> f64 {
    let mut squares = Squares::<B>(None);
    module.visit(&mut squares);
    squares
        .0
        .map_or(0.0, |sum| sum.into_scalar().elem::<f64>().sqrt())
}

/// Their sum so far, `[1]`.
struct Squares<B: Backend>(Option<Tensor<B, 1>>);

impl<B: Backend> ModuleVisitor<B> for Squares<B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let weights = param.val();
        let square = (weights.clone() * weights).sum();
        self.0 = Some(match self.0.take() {
            Some(sum) => sum + square,
            None => square,
        });
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    #[test]
    fn one_weight_that_is_no_number_is_seen() {
        let mut layer = LinearConfig::new(2, 3).init::<Flex>(&FlexDevice);
        let fill = |value: f32| Tensor::<Flex, 2>::full([2, 3], value, &FlexDevice);
        let _drawn = layer.weight.val();
        layer.bias = None;
        layer.weight = layer.weight.map(|_| fill(2.0));
        assert!((norm(&layer) - 24f64.sqrt()).abs() < 1e-6);
        for bad in [f32::NAN, f32::INFINITY] {
            let mut layer = layer.clone();
            let one = Tensor::<Flex, 2>::full([1, 1], bad, &FlexDevice);
            layer.weight = layer
                .weight
                .map(|w| w.slice_assign([1..2, 2..3], one.clone()));
            assert!(!norm(&layer).is_finite(), "{bad}");
        }
    }
}
