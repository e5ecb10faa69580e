//! The settings of a training run; a field's text is its help on the command line.

mod validate;

use std::path::PathBuf;

use burn::tensor::FloatDType;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// What both stages have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
pub struct RunConfig {
    /// Folder of recorded episodes
    #[arg(long)]
    pub episodes: PathBuf,
    /// Folder of this run: configuration, log, checkpoints, plots, strips
    #[arg(long)]
    pub out: PathBuf,
    /// Preset of the model: a name, or a file of sizes like assets/presets/arena.ron
    #[arg(long, default_value = "arena")]
    pub preset: String,
    /// Begin with the weights of this world (NAME.world.ron), which has the sizes too
    #[arg(long, value_name = "WORLD", conflicts_with = "preset")]
    pub from: Option<PathBuf>,
    /// Train on mirror images too: pairs of actions that change places (left=right) and axes that
    /// change their sign (yaw), comma-separated
    #[arg(long, value_name = "ACTIONS", value_delimiter = ',')]
    pub mirror: Vec<String>,
    /// Go on from the newest checkpoint in the run's folder: with the settings that it began with, but
    /// for those that say how long, how often and how fast
    #[arg(long)]
    pub resume: bool,
    /// Seed of weights, batches and noise
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Share of the episodes that is held out
    #[arg(long, default_value_t = 0.1)]
    pub held_out: f64,
    /// Steps between checkpoints
    #[arg(long, default_value_t = 500)]
    pub checkpoint_every: u64,
    /// Steps between looks at held-out frames
    #[arg(long, default_value_t = 500)]
    pub eval_every: u64,
}

/// Who takes the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
pub enum OptimiserKind {
    /// AdamW (Loshchilov and Hutter 2019) for every weight
    #[default]
    #[value(name = "adamw")]
    AdamW,
    /// Muon (Jordan et al. 2024) for the matrices of the blocks, AdamW for the rest
    Muon,
}

/// Precision of a network's products while it is trained (Micikevicius et al. 2018).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
pub enum Precision {
    /// Single
    #[default]
    F32,
    /// Half the memory traffic, the same range of exponents: on cards and engines that have it
    Bf16,
}

impl Precision {
    /// As burn names it.
    pub(crate) fn dtype(self) -> FloatDType {
        match self {
            Self::F32 => FloatDType::F32,
            Self::Bf16 => FloatDType::BF16,
        }
    }
}

/// An optimiser with warm-up, a constant rate and a linear decay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
pub struct OptimiserConfig {
    /// Optimiser
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub optimiser: OptimiserKind,
    /// Optimiser steps in all [default: 3000, or as many as the minutes allow]
    #[arg(long)]
    pub steps: Option<u64>,
    /// Minutes of training in all, those before a `--resume` too, the decay fitted to as many steps as the
    /// pace so far allows [default: as long as the steps take]
    #[arg(long)]
    #[serde(default)]
    pub minutes: Option<f64>,
    /// Highest learning rate
    #[arg(long, default_value_t = 1e-3)]
    pub learning_rate: f64,
    /// Steps of warm-up
    #[arg(long, default_value_t = 100)]
    pub warmup: u64,
    /// Share of the steps at the end in which the rate falls to a hundredth
    #[arg(long, default_value_t = 0.5)]
    pub decay: f64,
    /// Decoupled weight decay
    #[arg(long, default_value_t = 0.01)]
    pub weight_decay: f32,
    /// The gradient's norm is clipped to this
    #[arg(long, default_value_t = 1.0)]
    pub clip: f64,
    /// Share of the old weights in the moving average, once it is full
    #[arg(long, default_value_t = 0.998)]
    pub ema: f64,
}

/// Training of the VAE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
pub struct VaeTrainConfig {
    /// Common settings
    #[command(flatten)]
    pub run: RunConfig,
    /// Optimiser
    #[command(flatten)]
    pub optimiser: OptimiserConfig,
    /// Frames of a batch
    #[arg(long, default_value_t = 16)]
    pub batch: usize,
    /// Weight of the KL term
    #[arg(long, default_value_t = 2e-4)]
    pub kl: f64,
}

/// Training of the DiT on the latents of a trained VAE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
pub struct DitTrainConfig {
    /// Common settings
    #[command(flatten)]
    pub run: RunConfig,
    /// Optimiser
    #[command(flatten)]
    pub optimiser: OptimiserConfig,
    /// Train on what is recorded meanwhile, too: complete episodes that come into the folder. Then a run
    /// does not follow from its settings alone
    #[arg(long)]
    #[serde(default)]
    pub follow: bool,
    /// Run folder of the VAE, or a folder with a VAE in the layout of diffusers [default: the VAE of
    /// `--from`]
    #[arg(long, required_unless_present = "from")]
    pub vae: Option<PathBuf>,
    /// Windows of a batch
    #[arg(long, default_value_t = 4)]
    pub batch: usize,
    /// Frames of a window
    #[arg(long, default_value_t = 12)]
    pub frames: usize,
    /// How many targets each frame of a window is, each with noise and a level of its own: they share the
    /// context, which costs as much as one of them
    #[arg(long, default_value_t = 1)]
    #[serde(default = "once")]
    pub targets: usize,
    /// Frames that one is drawn from, itself among them: how far the world sees back [default: the preset's
    /// or the world's]
    #[arg(long)]
    #[serde(default)]
    pub window: Option<usize>,
    /// Most denoising passes a frame that the world is to be played with: all targets start from the
    /// levels of the samplers of one step to this many, evenly [default: the preset's or the world's,
    /// and targets by `--pure-noise`]
    #[arg(long, value_name = "STEPS")]
    #[serde(default)]
    pub sampler_steps: Option<usize>,
    /// Learn what the world of `--from` draws with its own count of passes, rather than what was recorded: a
    /// world of fewer passes (`--sampler-steps`) that draws what that one draws. Contexts are drawn from the
    /// first step on, and noise and levels are the samplers': `--own-context-after`, `--pure-noise`, `--detail`,
    /// `--relative` and `--context-noise` are of no matter then
    #[arg(long, requires = "from", requires = "sampler_steps")]
    #[serde(default)]
    pub distil: bool,
    /// Share of the targets that start from pure noise (the rest from any level)
    #[arg(long, default_value_t = 0.7)]
    pub pure_noise: f64,
    /// The error of a target at noise level σ counts σ to the power of minus this: 0 for samplers of
    /// one step, whose result is the mean; 1 or 2 for those of several, which have details to draw
    #[arg(long, default_value_t = 0.0)]
    #[serde(default)]
    pub detail: f64,
    /// Count errors relative to their size, by the logarithm of each target's: a roll-out that is lost already
    /// has errors twenty times as large as one that can still be right, and outweighs it otherwise
    #[arg(long)]
    #[serde(default)]
    pub relative: bool,
    /// Highest noise level of context frames
    #[arg(long, default_value_t = 0.2)]
    pub context_noise: f64,
    /// Share of the steps after which the context may be the model's own frames
    #[arg(long, default_value_t = 0.3)]
    pub own_context_after: f64,
    /// How many frames in a row the context may be what the model drew in their place, each from those
    /// before it, as it is played: up to so many, short rows more often than long ones; 0 for none
    #[arg(long, default_value_t = 8)]
    pub own_context_depth: usize,
    /// One row of own frames a window, which lasts to its end: as in play, no recorded frame comes after one
    /// that was drawn, and tells how far off that is
    #[arg(long)]
    #[serde(default)]
    pub own_context_last: bool,
    /// Batches whose own contexts are drawn at once: many small windows side by side take less than one
    /// after the other, on a graphics card hardly longer than few
    #[arg(long, default_value_t = 1)]
    #[serde(default = "once")]
    pub own_context_batches: usize,
    /// How often each of these batches is trained on, with other noise each time: drawing them costs as
    /// much as a step or more
    #[arg(long, default_value_t = 1)]
    #[serde(default = "once")]
    pub own_context_uses: usize,
    /// Precision of the products and what lies between them; weights, optimiser and the stream between
    /// the blocks' branches stay in f32
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub precision: Precision,
    /// Where the finished world goes (NAME.world.ron)
    #[arg(long)]
    pub world: PathBuf,
}

fn once() -> usize {
    1
}

/// The settings that these flags give.
#[cfg(test)]
pub(crate) fn of_flags<C: Args>(flags: &[&str]) -> C {
    let command = C::augment_args(clap::Command::new("train").no_binary_name(true));
    let given = command.try_get_matches_from(flags).unwrap();
    C::from_arg_matches(&given).unwrap()
}
