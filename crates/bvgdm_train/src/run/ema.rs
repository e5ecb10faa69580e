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
