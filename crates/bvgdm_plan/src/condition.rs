//! Noise level and action to the vector that modulates the blocks.

use bvgdm_core::DitConfig;

use crate::error::Result;
use crate::weights::{Matrix, WeightsFile};

/// Channels of the sinusoidal embedding.
const CHANNELS: usize = 256;

/// The embedders of noise level and action.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditioner {
    fc1: [Matrix; 2],
    fc2: [Matrix; 2],
    action: Option<[Matrix; 2]>,
}

impl Conditioner {
    pub(crate) fn new(config: &DitConfig, weights: &WeightsFile<'_>) -> Result<Self> {
        let d = config.hidden;
        let linear = |name: &str, inputs: usize| -> Result<[Matrix; 2]> {
            Ok([
                weights.matrix(&format!("dit.{name}.weight"), [inputs, d])?,
                weights.matrix(&format!("dit.{name}.bias"), [1, d])?,
            ])
        };
        let actions = config.actions;
        Ok(Self {
            fc1: linear("level_embedder.fc1", CHANNELS)?,
            fc2: linear("level_embedder.fc2", d)?,
            action: match actions {
                0 => None,
                _ => Some(linear("action_embedder", actions)?),
            },
        })
    }

    /// The embedding of a timestep in [0, 1000), `[D]` (sinusoids and two linear layers, as Peebles
    /// and Xie 2023 have it).
    pub fn level(&self, timestep: f64) -> Vec<f32> {
        let half = CHANNELS / 2;
        let angle = |i: usize| {
            let rate = (-(10_000f64.ln()) * i as f64 / half as f64).exp() as f32;
            timestep as f32 * rate
        };
        let cos = (0..half).map(|i| angle(i).cos());
        let waves: Vec<f32> = cos.chain((0..half).map(|i| angle(i).sin())).collect();
        let hidden: Vec<f32> = affine(&self.fc1, &waves).into_iter().map(silu).collect();
        affine(&self.fc2, &hidden)
    }

    /// The condition `[D]` of a level's embedding and a normalised action.
    pub fn condition(&self, level: &[f32], action: &[f32]) -> Vec<f32> {
        let mut sum = level.to_vec();
        if let Some(embedder) = &self.action {
            let moved = affine(embedder, action);
            sum.iter_mut().zip(moved).for_each(|(a, b)| *a += b);
        }
        sum.into_iter().map(silu).collect()
    }
}

/// `x W + b`.
fn affine([weight, bias]: &[Matrix; 2], x: &[f32]) -> Vec<f32> {
    let mut out = bias.values.clone();
    for (row, &value) in x.iter().enumerate().take(weight.rows) {
        let terms = weight.row(row);
        out.iter_mut().zip(terms).for_each(|(o, w)| *o += value * w);
    }
    out
}

fn silu(x: f32) -> f32 {
    x / (1.0 + (-x).exp())
}
