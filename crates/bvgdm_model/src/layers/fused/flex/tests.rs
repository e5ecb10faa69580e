//! Every kernel against the plain operations that define it, values and gradients.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::nn::LayerNormConfig;
use burn::tensor::{Distribution, Tensor, TensorData, activation, module};
use burn_autodiff::Autodiff;
use burn_flex::FlexDevice;

use super::*;
use crate::layers::attention::{mix_frames, mix_places};
use crate::layers::norm::layer_norm;

type B = Autodiff<Flex>;

/// Held while gradients are taken: a backward pass of burn 0.21 takes steps away from the graphs of
/// other threads (tracel-ai/burn#5573).
static GRADIENTS: Mutex<()> = Mutex::new(());

const NORMAL: Distribution = Distribution::Normal(0.0, 1.0);

#[test]
fn a_linear_layer_is_that_of_burn() {
    let _alone = alone();
    // One row, more rows than one part has, and more than a weight's gradient sums at once.
    for (rows, inputs, outputs) in [(1, 3, 5), (130, 40, 70), (1100, 12, 33)] {
        let x = random([rows, inputs]);
        let (weight, bias) = (random([inputs, outputs]), random([outputs]));
        let fused = linear(&x, &weight, Some(&bias)).unwrap();
        let plain = module::linear(x.clone(), weight.clone(), Some(bias.clone()));
        let compared = Compared::new(fused, plain);
        compared.gradient(&x);
        compared.gradient(&weight);
        compared.gradient(&bias);

        let fused = linear(&x, &weight, None).unwrap();
        let compared = Compared::new(fused, module::linear(x.clone(), weight.clone(), None));
        compared.gradient(&x);
        compared.gradient(&weight);
    }
}

#[test]
fn a_linear_layer_takes_views() {
    let _alone = alone();
    let (wide, tall) = (random([9, 14]), random([6, 5]));
    // Views are parts of a graph, which a backward pass takes apart.
    let (x, weight) = (
        || wide.clone().narrow(1, 3, 5),
        || tall.clone().swap_dims(0, 1),
    );
    let fused = linear(&x(), &weight(), None).unwrap();
    let compared = Compared::new(fused, module::linear(x(), weight(), None));
    compared.gradient(&wide);
    compared.gradient(&tall);
}

#[test]
fn the_gelus_are_those_of_their_definitions() {
    let _alone = alone();
    let x: Tensor<B, 3> = (random([3, 11, 1000]) * 3.0).detach().require_grad();
    let erf = Compared::new(gelu(&x, Form::Erf).unwrap(), activation::gelu(x.clone()));
    erf.gradient(&x);
    let inner = (x.clone() + x.clone().powf_scalar(3.0) * 0.044_715) * 0.797_884_560_8;
    let plain = x.clone() * 0.5 * (inner.tanh() + 1.0);
    Compared::new(gelu(&x, Form::Tanh).unwrap(), plain).gradient(&x);
}

#[test]
fn a_modulated_norm_is_that_of_plain_operations() {
    let _alone = alone();
    let x = random([2, 3, 5, 20]);
    // Parts of one tensor, as adaLN brings them.
    let modulation = random([2, 3, 60]);
    let part =
        |i: usize| -> Tensor<B, 4> { modulation.clone().narrow(2, i * 20, 20).unsqueeze_dim(2) };
    let fused = modulate(&x, &part(0), &part(2)).unwrap();
    let plain = layer_norm(x.clone()) * (part(2) + 1.0) + part(0);
    let compared = Compared::new(fused, plain);
    compared.gradient(&x);
    compared.gradient(&modulation);
}

#[test]
fn a_gated_branch_is_that_of_plain_operations() {
    let _alone = alone();
    let (x, branch) = (random([2, 3, 5, 20]), random([2, 3, 5, 20]));
    let gate = random([2, 3, 1, 20]);
    let fused = add_gated(&x, &branch, &gate).unwrap();
    let plain = x.clone() + branch.clone() * gate.clone();
    let compared = Compared::new(fused, plain);
    compared.gradient(&x);
    compared.gradient(&branch);
    compared.gradient(&gate);
}

#[test]
fn a_learned_norm_is_that_of_burn() {
    let _alone = alone();
    let mut layer = LayerNormConfig::new(20)
        .with_epsilon(1e-6)
        .init(&FlexDevice);
    let (gain, offset) = (random([20]), random([20]));
    layer.gamma = layer.gamma.map(|_| gain.clone());
    layer.beta = layer.beta.map(|beta| beta.map(|_| offset.clone()));
    // More rows than one part has.
    let x = random([3, 100, 20]);
    let compared = Compared::new(norm(&layer, &x).unwrap(), layer.forward(x.clone()));
    compared.gradient(&x);
    compared.gradient(&layer.gamma.val());
    compared.gradient(&layer.beta.as_ref().unwrap().val());
}

#[test]
fn attention_is_that_of_plain_operations() {
    let _alone = alone();
    let (frames, places, heads, head) = (5, 7, 3, 10);
    let qkv = random([2, frames, places, 3 * heads * head]);

    let rope = Rope::axial([1, places], head, 4, 8.0, &FlexDevice);
    let fused = attention(&qkv, &rope, None, heads, Along::Places).unwrap();
    Compared::new(fused, mix_places(qkv.clone(), &rope, heads)).gradient(&qkv);

    let positions: Vec<u64> = (3..3 + frames as u64).collect();
    let rope = Rope::temporal(&positions, head, 100.0, &FlexDevice);
    let hidden: Vec<f32> = (0..frames * frames)
        .map(|i| if i % frames > i / frames { -1e4 } else { 0.0 })
        .collect();
    let bias = TensorData::new(hidden, [1, 1, frames, frames]);
    let bias = Tensor::<B, 4>::from_data(bias, &FlexDevice);
    let fused = attention(&qkv, &rope, Some(&bias), heads, Along::Frames).unwrap();
    let plain = mix_frames(qkv.clone(), &rope, Some(bias), heads);
    Compared::new(fused, plain).gradient(&qkv);
}

#[test]
fn without_gradients_burn_flex_stays_what_it_is() {
    let plain = Tensor::<Flex, 2>::ones([2, 2], &FlexDevice);
    assert!(linear(&plain, &plain, None).is_none());
    let untracked = Tensor::<B, 2>::ones([2, 2], &FlexDevice);
    assert!(linear(&untracked, &untracked, None).is_some());
    let double = untracked.cast(burn::tensor::FloatDType::F64);
    assert!(
        linear(&double, &double, None).is_none(),
        "only f32 has kernels"
    );
}

fn alone() -> MutexGuard<'static, ()> {
    GRADIENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn random<const D: usize>(shape: [usize; D]) -> Tensor<B, D> {
    Tensor::random(shape, NORMAL, &FlexDevice).require_grad()
}

/// Two forms of the same function, equal so far.
struct Compared {
    fused: Gradients,
    plain: Gradients,
}

type Gradients = <B as burn::tensor::backend::AutodiffBackend>::Gradients;

impl Compared {
    fn new<const D: usize>(fused: Tensor<B, D>, plain: Tensor<B, D>) -> Self {
        close(fused.clone().inner(), plain.clone().inner(), "value");
        let weights = Tensor::random(fused.shape(), NORMAL, &FlexDevice);
        Self {
            fused: (fused * weights.clone()).sum().backward(),
            plain: (plain * weights).sum().backward(),
        }
    }

    #[track_caller]
    fn gradient<const D: usize>(&self, input: &Tensor<B, D>) {
        let fused = input.grad(&self.fused).unwrap();
        let plain = input.grad(&self.plain).unwrap();
        close(fused, plain, "gradient");
    }
}

fn close<const D: usize>(found: Tensor<Flex, D>, expected: Tensor<Flex, D>, what: &str) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    let largest: f32 = expected.clone().abs().max().into_scalar();
    let off: f32 = (found - expected).abs().max().into_scalar();
    assert!(off <= 2e-5 * largest.max(1.0), "{what}: {off} of {largest}");
}
