//! A function of an engine's own tensors and its gradient as an operation of burn.

use std::any::Any;
use std::fmt::Debug;

use burn::tensor::backend::Backend;
use burn::tensor::ops::FloatTensor;
use burn::tensor::{Tensor, TensorPrimitive};
use burn_autodiff::Autodiff;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::NoCheckpointing;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};

type Tracked<E> = FloatTensor<Autodiff<E>>;

/// A function of `N` tensors of the engine `E`.
pub trait Operation<E: Backend, const N: usize>: Debug + Send + 'static {
    /// The value, and what the gradient needs of it.
    fn forward(&self, inputs: [FloatTensor<E>; N]) -> (FloatTensor<E>, Vec<FloatTensor<E>>);

    /// The gradient of every input, from what `forward` kept and the gradient of its value.
    fn backward(&self, kept: &[FloatTensor<E>], grad: FloatTensor<E>) -> [FloatTensor<E>; N];
}

/// The tensor of `E` that `primitive` is, without its gradient, if it is one.
pub fn plain<B: Backend, E: Backend>(primitive: &FloatTensor<B>) -> Option<FloatTensor<E>> {
    let any: &dyn Any = primitive;
    let tracked = || {
        any.downcast_ref::<Tracked<E>>()
            .map(|tensor| tensor.primitive.clone())
    };
    any.downcast_ref::<FloatTensor<E>>()
        .cloned()
        .or_else(tracked)
}

/// `operation` of `inputs`, if `B` is `E` without gradients.
#[cfg(feature = "tch")]
pub fn without_gradient<
    B: Backend,
    E: Backend,
    O: Operation<E, N>,
    const N: usize,
    const D: usize,
>(
    operation: &O,
    inputs: &[FloatTensor<B>; N],
) -> Option<Tensor<B, D>> {
    as_burn(inputs, |inputs: &[FloatTensor<E>; N]| {
        operation.forward(inputs.clone()).0
    })
}

/// `operation` of `inputs`, if `B` is `E` with gradients.
pub fn with_gradient<B: Backend, E: Backend, O: Operation<E, N>, const N: usize, const D: usize>(
    operation: O,
    inputs: &[FloatTensor<B>; N],
) -> Option<Tensor<B, D>> {
    as_burn(inputs, |inputs| tracked::<E, O, N>(operation, inputs))
}

/// `f` of `inputs`, if those are what it takes.
fn as_burn<B: Backend, T: Clone + 'static, const N: usize, const D: usize>(
    inputs: &[FloatTensor<B>; N],
    f: impl FnOnce(&[T; N]) -> T,
) -> Option<Tensor<B, D>> {
    let mut output: Option<FloatTensor<B>> = None;
    let (inputs, slot): (&dyn Any, &mut dyn Any) = (inputs, &mut output);
    *slot.downcast_mut::<Option<T>>()? = Some(f(inputs.downcast_ref()?));
    output.map(|output| Tensor::from_primitive(TensorPrimitive::Float(output)))
}

fn tracked<E: Backend, O: Operation<E, N>, const N: usize>(
    operation: O,
    inputs: &[Tracked<E>; N],
) -> Tracked<E> {
    let nodes = inputs.each_ref().map(|input| input.node.clone());
    let plain = inputs.each_ref().map(|input| input.primitive.clone());
    let (output, kept) = operation.forward(plain);
    let node = Node(operation).prepare::<NoCheckpointing>(nodes);
    match node.compute_bound().stateful() {
        OpsKind::Tracked(node) => node.finish(kept, output),
        OpsKind::UnTracked(node) => node.finish(output),
    }
}

#[derive(Debug)]
struct Node<O>(O);

impl<E: Backend, O: Operation<E, N>, const N: usize> Backward<E, N> for Node<O> {
    type State = Vec<FloatTensor<E>>;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<E>(&ops.node);
        let all = self.0.backward(&ops.state, grad);
        for (parent, grad) in ops.parents.into_iter().zip(all) {
            if let Some(parent) = parent {
                grads.register::<E>(parent.id, grad);
            }
        }
    }
}
