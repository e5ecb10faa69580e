//! What the page starts the game with.

use bvgdm::play::EngineChoice;
use serde::Deserialize;

/// JSON of [`play`](super::play).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// A CSS selector of the canvas.
    pub canvas: String,
    /// What computes.
    #[serde(default)]
    pub engine: EngineChoice,
    /// Whether the processor imitates the graphics processor.
    #[serde(default)]
    pub software: bool,
    /// Denoising passes a frame; none for the world's own.
    #[serde(default)]
    pub steps: Option<usize>,
    /// Chooses the place of the start and the noise.
    #[serde(default = "one")]
    pub seed: u64,
    /// How far the mouse turns, as a multiple of the usual.
    #[serde(default = "usual")]
    pub sensitivity: f32,
    /// Whether a small picture is enlarged smoothly.
    #[serde(default = "yes")]
    pub smooth: bool,
    /// The manifest's name, for messages.
    pub name: String,
}

fn one() -> u64 {
    1
}

fn usual() -> f32 {
    1.0
}

fn yes() -> bool {
    true
}
