//! Weights in safetensors, untrusted until every name, shape and number has been checked.

mod header;
mod module;
mod read;
mod stream;
mod verify;
mod write;

pub use module::shapes;
pub use read::TensorFile;
pub use stream::TensorStream;
pub use write::{TensorWriter, WeightsDtype};

pub(crate) use module::load_module;
