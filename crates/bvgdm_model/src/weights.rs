//! Weights in safetensors, untrusted until every name, shape and number has been checked.

mod read;
mod write;

pub use read::TensorFile;
pub use write::{TensorWriter, WeightsDtype};

use burn::tensor::backend::Backend;
use burn_store::ModuleSnapshot;

/// Name (under `prefix`) and shape of every tensor of a module.
pub fn shapes<B: Backend, M: ModuleSnapshot<B>>(
    prefix: &str,
    module: &M,
) -> Vec<(String, Vec<usize>)> {
    module
        .collect(None, None, false)
        .iter()
        .map(|tensor| {
            (
                format!("{prefix}.{}", tensor.full_path()),
                tensor.shape.to_vec(),
            )
        })
        .collect()
}
