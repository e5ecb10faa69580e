//! A function of LibTorch tensors and its gradient as an operation of burn.

use std::any::Any;
use std::fmt::Debug;

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;
use burn::tensor::ops::FloatTensor;
use burn_autodiff::Autodiff;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::NoCheckpointing;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_tch::{LibTorch, TchTensor};

use super::tensor;

type Torch = LibTorch<f32>;
type Tracked = FloatTensor<Autodiff<Torch>>;

/// A function of `N` tensors.
pub trait Kernel<const N: usize>: Debug + Send + 'static {
    /// The value, and what the gradient needs of it.
    fn forward(&self, inputs: [TchTensor; N]) -> (TchTensor, Vec<TchTensor>);

    /// The gradient of every input, from what `forward` kept and the gradient of its value.
    fn backward(&self, kept: &[TchTensor], grad: &tch::Tensor) -> [tch::Tensor; N];
}

/// The LibTorch tensor of `primitive`, if it is one, without its gradient.
pub fn plain<B: Backend>(primitive: &B::FloatTensorPrimitive) -> Option<TchTensor> {
    let any: &dyn Any = primitive;
    let tracked = || {
        any.downcast_ref::<Tracked>()
            .map(|tensor| tensor.primitive.clone())
    };
    any.downcast_ref::<TchTensor>().cloned().or_else(tracked)
}

/// `kernel` of `inputs`, if `B` is LibTorch, with gradients or without.
pub fn apply<B: Backend, K: Kernel<N>, const N: usize, const D: usize>(
    kernel: K,
    inputs: [B::FloatTensorPrimitive; N],
) -> Option<Tensor<B, D>> {
    let mut output: Option<B::FloatTensorPrimitive> = None;
    let (inputs, slot): (&dyn Any, &mut dyn Any) = (&inputs, &mut output);
    if let Some(inputs) = inputs.downcast_ref::<[TchTensor; N]>() {
        *slot.downcast_mut()? = Some(kernel.forward(inputs.clone()).0);
    } else {
        let inputs = inputs.downcast_ref::<[Tracked; N]>()?;
        *slot.downcast_mut()? = Some(tracked(kernel, inputs));
    }
    output.map(tensor)
}

fn tracked<K: Kernel<N>, const N: usize>(kernel: K, inputs: &[Tracked; N]) -> Tracked {
    let nodes = inputs.each_ref().map(|input| input.node.clone());
    let (output, kept) = kernel.forward(inputs.each_ref().map(|input| input.primitive.clone()));
    let node = Node(kernel).prepare::<NoCheckpointing>(nodes);
    match node.compute_bound().stateful() {
        OpsKind::Tracked(node) => node.finish(kept, output),
        OpsKind::UnTracked(node) => node.finish(output),
    }
}

#[derive(Debug)]
struct Node<K>(K);

impl<K: Kernel<N>, const N: usize> Backward<Torch, N> for Node<K> {
    type State = Vec<TchTensor>;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<Torch>(&ops.node);
        let all = self.0.backward(&ops.state, &grad.tensor);
        for (parent, grad) in ops.parents.into_iter().zip(all) {
            if let Some(parent) = parent {
                grads.register::<Torch>(parent.id, TchTensor::new(grad));
            }
        }
    }
}
