//! Moving average of the weights.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use burn::tensor::container::TensorContainer;

/// `ema = share · ema + (1 − share) · current` for every parameter, matched by its id.
pub fn blend<B: Backend, M: Module<B>>(ema: M, current: &M, share: f64) -> M {
    let mut collect = Collect {
        tensors: TensorContainer::new(),
    };
    current.visit(&mut collect);
    ema.map(&mut Blend {
        tensors: collect.tensors,
        share,
    })
}

struct Collect {
    tensors: TensorContainer<ParamId>,
}

impl<B: Backend> ModuleVisitor<B> for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        self.tensors
            .register::<B>(param.id, param.val().into_primitive());
    }
}

struct Blend {
    tensors: TensorContainer<ParamId>,
    share: f64,
}

impl<B: Backend> ModuleMapper<B> for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let (id, average, mapper) = param.consume();
        let average = match self.tensors.remove::<B>(&id) {
            Some(current) => {
                let current = Tensor::<B, D>::from_primitive(current);
                average * self.share + current * (1.0 - self.share)
            }
            None => average,
        };
        Param::from_mapped_value(id, average, mapper)
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    #[test]
    fn the_average_keeps_its_share_of_itself() {
        let fill = |layer: Linear<Flex>, value: f64| {
            let weight = layer.weight.clone().map(|w| w.zeros_like() + value);
            Linear { weight, ..layer }
        };
        let layer = LinearConfig::new(2, 3).init::<Flex>(&FlexDevice);
        // Weights are drawn when they are first asked for.
        let _drawn = layer.weight.val();
        let (ema, current) = (fill(layer.clone(), 1.0), fill(layer, 3.0));
        let blended = blend::<Flex, _>(ema, &current, 0.9).weight.val();
        let off = (blended - 1.2).abs().max().into_scalar();
        assert!(off < 1e-6, "{off}");
    }
}
