//! The network trained, and read with.

use burn::module::AutodiffModule as _;
use burn::optim::{AdamWConfig, GradientsParams, Optimizer as _};
use burn::tensor::activation::log_softmax;
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{Tensor, TensorData};
use bvgdm_core::Frame;
use bvgdm_data::{Dataset, Episode};
use rand::Rng as _;
use rand::seq::SliceRandom as _;

use super::features::{CELLS, FRAMES, Small, WIDTH_OF_CELL, features};
use super::network::InverseDynamics;
use super::score::{Target, targets};
use crate::alone::alone;
use crate::data::step_rng;
use crate::error::{Result, TrainError};
use crate::eval::{EvalConfig, EvalMessage};

/// Consecutive moments that are taken from one place of an episode.
const RUN: usize = 60;
const BATCH: usize = 128;
const LEARNING_RATE: f64 = 1e-3;
/// Rare classes count at most this much more than common ones.
const MAX_WEIGHT: f32 = 10.0;

/// Reads actions from frames.
pub struct Reader<B: AutodiffBackend> {
    network: InverseDynamics<B::InnerBackend>,
    targets: Vec<Target>,
    device: B::Device,
}

/// Recorded moments: features, and the class of every action.
struct Samples {
    features: Vec<Vec<u8>>,
    classes: Vec<Vec<usize>>,
}

impl<B: AutodiffBackend> Reader<B> {
    /// Trains the network on the episodes `indices`.
    ///
    /// # Errors
    /// When the episodes cannot be read or are too short.
    pub fn train(
        dataset: &Dataset,
        indices: &[usize],
        config: &EvalConfig,
        device: &B::Device,
        tell: &mut dyn FnMut(EvalMessage),
    ) -> Result<Self> {
        let targets = targets(dataset.schema());
        let samples = Samples::draw(dataset, indices, &targets, config, tell)?;
        let weights = samples.weights(&targets);
        let logits = weights.len();
        let _alone = alone();
        B::seed(device, config.seed);
        let mut network = InverseDynamics::<B>::new(logits, device);
        let mut optimiser = AdamWConfig::new().with_weight_decay(0.01).init();
        let weights = Tensor::<B, 1>::from_floats(weights.as_slice(), device).unsqueeze();
        for step in 0..config.idm_steps {
            let mut rng = step_rng(config.seed, 1 << 32 | step as u64);
            let batch: Vec<usize> = (0..BATCH)
                .map(|_| rng.random_range(0..samples.features.len()))
                .collect();
            let given = samples.one_hot::<B>(&batch, &targets, logits, device);
            let read = network.forward(samples.input::<B>(&batch, device));
            let likelihood = targets
                .iter()
                .map(|t| log_softmax(read.clone().narrow(1, t.from, t.classes), 1));
            let likelihood = Tensor::cat(likelihood.collect(), 1);
            let loss = (given * weights.clone() * likelihood).sum() / -(BATCH as f64);
            let grads = GradientsParams::from_grads(loss.backward(), &network);
            let left = 1.0 - step as f64 / config.idm_steps as f64;
            network = optimiser.step(LEARNING_RATE * left.max(0.01), network, grads);
            tell(EvalMessage::new(
                "inverse dynamics",
                step + 1,
                config.idm_steps,
            ));
        }
        Ok(Self {
            network: network.valid(),
            targets,
            device: device.clone(),
        })
    }

    /// The logits of each of these triples of frames.
    pub(super) fn read(&self, triples: &[&[Frame]]) -> Vec<Vec<f32>> {
        let features: Vec<Vec<u8>> = triples
            .iter()
            .filter_map(|triple| match triple {
                [a, b, c] => {
                    let [a, b, c] = [a, b, c].map(Small::new);
                    Some(features([&a, &b, &c]))
                }
                _ => None,
            })
            .collect();
        let rows: Vec<&[u8]> = features.iter().map(Vec::as_slice).collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let logits = self
            .network
            .forward(input::<B::InnerBackend>(&rows, &self.device));
        let width = logits.dims()[1];
        let values: Vec<f32> = logits.into_data().iter::<f32>().collect();
        values
            .chunks_exact(width.max(1))
            .map(<[f32]>::to_vec)
            .collect()
    }

    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }
}

impl Samples {
    /// Runs of moments from random places.
    fn draw(
        dataset: &Dataset,
        indices: &[usize],
        targets: &[Target],
        config: &EvalConfig,
        tell: &mut dyn FnMut(EvalMessage),
    ) -> Result<Self> {
        let episodes: Vec<&Episode> = indices
            .iter()
            .filter_map(|&i| dataset.episodes().get(i))
            .collect();
        let schema = dataset.schema();
        let mut places: Vec<(&Episode, usize)> = episodes
            .iter()
            .flat_map(|episode| {
                let starts = (0..episode.len().saturating_sub(FRAMES - 1)).step_by(RUN);
                starts.map(|start| (*episode, start))
            })
            .collect();
        places.shuffle(&mut step_rng(config.seed, 2));
        let mut samples = Self {
            features: Vec::new(),
            classes: Vec::new(),
        };
        for (episode, start) in places {
            let end = (start + RUN + FRAMES - 1).min(episode.len());
            let small: Vec<Small> = episode.frames(start..end)?.iter().map(Small::new).collect();
            for (triple, action) in small
                .windows(FRAMES)
                .zip(episode.actions().iter().skip(start))
            {
                let [a, b, c] = triple else { continue };
                samples.features.push(features([a, b, c]));
                let values = schema.normalize(action);
                let classes = targets
                    .iter()
                    .zip(&values)
                    .map(|(t, &value)| t.class(value));
                samples.classes.push(classes.collect());
            }
            let count = samples.features.len().min(config.idm_samples);
            tell(EvalMessage::new(
                "recorded moments",
                count,
                config.idm_samples,
            ));
            if samples.features.len() >= config.idm_samples {
                break;
            }
        }
        if samples.features.is_empty() {
            let (what, expected) = ("training episodes", "one of at least 3 frames");
            return Err(TrainError::unsuitable(what, expected, episodes.len()));
        }
        Ok(samples)
    }

    /// The weight of every class: as if all classes of an action were equally common.
    fn weights(&self, targets: &[Target]) -> Vec<f32> {
        let mut weights = Vec::new();
        for (action, target) in targets.iter().enumerate() {
            for class in 0..target.classes {
                let is_it = |classes: &&Vec<usize>| classes.get(action) == Some(&class);
                let seen = self.classes.iter().filter(is_it).count().max(1);
                let fair = self.classes.len() as f32 / (target.classes * seen) as f32;
                weights.push(fair.min(MAX_WEIGHT));
            }
        }
        weights
    }

    fn input<B: Backend>(&self, batch: &[usize], device: &B::Device) -> Tensor<B, 3> {
        let rows: Vec<&[u8]> = batch
            .iter()
            .filter_map(|&i| self.features.get(i))
            .map(Vec::as_slice)
            .collect();
        input(&rows, device)
    }

    /// Ones at the classes that were given, `[batch, logits]`.
    fn one_hot<B: Backend>(
        &self,
        batch: &[usize],
        targets: &[Target],
        logits: usize,
        device: &B::Device,
    ) -> Tensor<B, 2> {
        let mut ones = vec![0.0f32; batch.len() * logits];
        for (row, classes) in batch
            .iter()
            .filter_map(|&i| self.classes.get(i))
            .enumerate()
        {
            for (target, class) in targets.iter().zip(classes) {
                if let Some(one) = ones.get_mut(row * logits + target.from + class) {
                    *one = 1.0;
                }
            }
        }
        Tensor::from_data(TensorData::new(ones, [batch.len(), logits]), device)
    }
}

/// Features as `[rows, cells, numbers of a cell]` in [-1, 1].
fn input<B: Backend>(rows: &[&[u8]], device: &B::Device) -> Tensor<B, 3> {
    let values = rows
        .iter()
        .flat_map(|row| row.iter().map(|&v| f32::from(v) / 127.5 - 1.0));
    let shape = [rows.len(), CELLS, WIDTH_OF_CELL];
    Tensor::from_data(TensorData::new(values.collect::<Vec<f32>>(), shape), device)
}
