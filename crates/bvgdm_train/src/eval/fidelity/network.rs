//! The inverse-dynamics network.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::Tensor;
use burn::tensor::activation::gelu;
use burn::tensor::backend::Backend;

use super::features::{CELLS, WIDTH_OF_CELL};

/// Channels of a cell.
const CELL: usize = 64;
/// Channels of the whole.
const WHOLE: usize = 256;

/// One linear layer that all cells of a frame share, and an MLP over all cells.
#[derive(Module, Debug)]
pub struct InverseDynamics<B: Backend> {
    cell: Linear<B>,
    whole: Linear<B>,
    out: Linear<B>,
    dropout: Dropout,
}

impl<B: Backend> InverseDynamics<B> {
    /// New weights for this many logits.
    pub fn new(logits: usize, device: &B::Device) -> Self {
        Self {
            cell: LinearConfig::new(WIDTH_OF_CELL, CELL).init(device),
            whole: LinearConfig::new(CELLS * CELL, WHOLE).init(device),
            out: LinearConfig::new(WHOLE, logits).init(device),
            dropout: DropoutConfig::new(0.3).init(),
        }
    }

    /// Features `[samples, cells, numbers of a cell]` in [-1, 1] to `[samples, logits]`.
    pub fn forward(&self, features: Tensor<B, 3>) -> Tensor<B, 2> {
        let cells = gelu(self.cell.forward(features)).flatten(1, 2);
        let whole = gelu(self.whole.forward(self.dropout.forward(cells)));
        self.out.forward(self.dropout.forward(whole))
    }
}
