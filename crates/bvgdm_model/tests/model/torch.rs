//! LibTorch's kernels give what the plain tensor operations give, gradients too.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{FloatDType, Tensor, TensorData};
use burn_autodiff::Autodiff;
use burn_flex::Flex;
use burn_tch::LibTorch;
use bvgdm_core::{WorldConfig, preset};
use bvgdm_model::{Dit, DitInput, Sight, Vae};

use crate::max_difference;

type Plain = Autodiff<Flex>;
type Torch = Autodiff<LibTorch>;

const BATCH: usize = 2;
const FRAMES: usize = 5;

/// Small sizes: heads of 12 channels, sequences of no power of two.
fn sizes() -> WorldConfig {
    let mut config = preset("arena").unwrap();
    (config.dit.hidden, config.dit.depth, config.dit.heads) = (24, 2, 2);
    config.dit.window = 3;
    config
}

/// The same numbers in (-spread, spread) on every backend.
fn numbers<B: Backend, const D: usize>(shape: [usize; D], seed: u64, spread: f64) -> Tensor<B, D> {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count)
        .map(|i| {
            let wave = (i as f64 * 12.9898 + seed as f64 * 78.233).sin() * 43758.547;
            ((2.0 * wave.rem_euclid(1.0) - 1.0) * spread) as f32
        })
        .collect();
    Tensor::from_data(TensorData::new(values, shape), &Default::default())
}

struct Fill(u64);

impl<B: Backend> ModuleMapper<B> for Fill {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        self.0 += 1;
        let seed = self.0;
        param.map(|tensor| numbers(tensor.dims(), seed, 0.3).require_grad())
    }
}

struct Collect<'a> {
    grads: &'a GradientsParams,
    all: Vec<Vec<f32>>,
}

impl<B: AutodiffBackend> ModuleVisitor<B> for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let grad = self.grads.get::<B::InnerBackend, D>(param.id).unwrap();
        self.all.push(grad.into_data().to_vec().unwrap());
    }
}

/// The output, and the gradient of every weight for a loss that weights each of its numbers
/// differently.
fn outcome<B: AutodiffBackend, M: Module<B> + burn::module::AutodiffModule<B>, const D: usize>(
    module: &M,
    output: Tensor<B, D>,
) -> Vec<Vec<f32>> {
    let weights = numbers(output.dims(), 99, 1.0);
    let grads = (output.clone() * weights).sum().backward();
    let grads = GradientsParams::from_grads(grads, module);
    let mut collect = Collect {
        grads: &grads,
        all: vec![output.into_data().to_vec().unwrap()],
    };
    module.visit(&mut collect);
    collect.all
}

/// Held while gradients are taken: a backward pass of burn 0.21 takes steps away from the graphs of
/// other threads (tracel-ai/burn#5573).
static GRADIENTS: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    GRADIENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn dit<B: AutodiffBackend>(precision: FloatDType) -> Vec<Vec<f32>> {
    let _alone = alone();
    let (config, device) = (sizes().dit, Default::default());
    let dit = Dit::<B>::new(&config, &device).map(&mut Fill(0));
    let dit = dit.with_precision(precision);
    let latent = [
        BATCH,
        2 * FRAMES,
        config.channels,
        config.height,
        config.width,
    ];
    let input = DitInput {
        x: numbers(latent, 1, 1.0),
        previous: Some(numbers(latent, 2, 1.0)),
        timestep: numbers([BATCH, 2 * FRAMES], 3, 500.0) + 500.0,
        actions: numbers([BATCH, 2 * FRAMES, config.actions], 4, 1.0),
    };
    let (head, theta) = (config.head_dim(), config.temporal_rope_theta);
    let sight = Sight::streams(FRAMES, 1, config.window, head, theta, &device);
    outcome(&dit, dit.predict(input, &sight, FRAMES))
}

fn vae<B: AutodiffBackend>() -> Vec<Vec<f32>> {
    let _alone = alone();
    let config = sizes().vae;
    let vae = Vae::<B>::new(&config, &Default::default()).map(&mut Fill(0));
    let pixels = numbers([2, 3, config.height, config.width], 1, 1.0);
    let posterior = vae.posterior(pixels);
    let latent = posterior.mean + posterior.logvar;
    outcome(&vae, vae.decode_unscaled(latent))
}

/// `share`: the largest difference, as a share of the largest number of each tensor.
fn compare(plain: &[Vec<f32>], torch: &[Vec<f32>], share: f32) {
    assert_eq!(plain.len(), torch.len());
    for (i, (plain, torch)) in plain.iter().zip(torch).enumerate() {
        let largest = plain.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!(largest > 1e-6, "tensor {i} is not just nothing");
        let found = max_difference(plain, torch) / largest;
        assert!(found <= share, "tensor {i}: {found}");
    }
}

#[test]
fn the_dit_and_its_gradients_are_the_same_on_libtorch() {
    let [plain, torch] = [dit::<Plain>, dit::<Torch>].map(|dit| dit(FloatDType::F32));
    compare(&plain, &torch, 1e-4);
}

#[test]
fn the_dit_and_its_gradients_are_nearly_the_same_in_half_precision() {
    let single = dit::<Torch>(FloatDType::F32);
    compare(&single, &dit::<Torch>(FloatDType::BF16), 0.05);
}

#[test]
fn the_vae_and_its_gradients_are_the_same_on_libtorch() {
    compare(&vae::<Plain>(), &vae::<Torch>(), 1e-4);
}
