//! The tensors of a module by their names, and numbers put into them. Nothing is allocated for a
//! tensor before its numbers are there; which variant of an enum a module is stands in no name.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};

use crate::error::{ModelError, Result};

/// Name (under `prefix`) and shape of every tensor of a module.
pub fn shapes<B: Backend, M: Module<B>>(prefix: &str, module: &M) -> Vec<(String, Vec<usize>)> {
    let mut collect = Collect {
        path: Path(vec![prefix.to_owned()]),
        found: Vec::new(),
    };
    module.visit(&mut collect);
    collect.found
}

/// Fills a module with what `floats` gives for a tensor's name and shape.
pub(crate) fn load_module<B: Backend, M: Module<B>>(
    module: M,
    floats: impl FnMut(&str, &[usize]) -> Result<Vec<f32>>,
) -> Result<M> {
    let mut fill = Fill {
        path: Path(Vec::new()),
        floats,
        failed: None,
    };
    let module = module.map(&mut fill);
    match fill.failed {
        Some(error) => Err(error),
        None => Ok(module),
    }
}

/// Where in a module a walk is.
struct Path(Vec<String>);

impl Path {
    fn enter(&mut self, name: &str, container: &str) {
        if !container.starts_with("Enum:") {
            self.0.push(name.to_owned());
        }
    }

    fn exit(&mut self, container: &str) {
        if !container.starts_with("Enum:") {
            self.0.pop();
        }
    }

    fn name(&self) -> String {
        self.0.join(".")
    }
}

struct Collect {
    path: Path,
    found: Vec<(String, Vec<usize>)>,
}

impl<B: Backend> ModuleVisitor<B> for Collect {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let shape = param.lazy_shape().to_vec();
        self.found.push((self.path.name(), shape));
    }
}

struct Fill<F> {
    path: Path,
    floats: F,
    failed: Option<ModelError>,
}

impl<B: Backend, F> ModuleMapper<B> for Fill<F>
where
    F: FnMut(&str, &[usize]) -> Result<Vec<f32>>,
{
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        if self.failed.is_some() {
            return param;
        }
        let shape = param.lazy_shape().to_vec();
        match (self.floats)(&self.path.name(), &shape) {
            Ok(floats) => {
                let data = TensorData::new(floats, shape);
                let tensor = Tensor::from_data(data, &param.lazy_device());
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            Err(error) => {
                self.failed = Some(error);
                param
            }
        }
    }
}
