//! What a page and its worker say to each other.
//!
//! A message is two things: a head, which is one of these types as JSON text, and a body of plain
//! bytes, which is handed over without a copy (a transferable `ArrayBuffer`). Text, because a
//! JavaScript number cannot hold every seed.

use bvgdm_core::{ActionVector, SamplerConfig};
use serde::{Deserialize, Serialize};

/// What a worker is asked for. Each request is answered by one [`WorkerReport`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WorkerRequest {
    /// Take this world. The body is the content of its weights file.
    Load {
        /// The text of `NAME.world.ron`.
        manifest: String,
    },
    /// Forget everything and begin again.
    Reset {
        /// Same seed, same start, same actions: the same frames.
        seed: u64,
        /// The first frame.
        #[serde(default)]
        start: Start,
    },
    /// Draw the next frame.
    Step {
        /// What is held from the last frame to this one, in the schema's units.
        action: ActionVector,
        /// Steps, context noise and clipping of this frame; without it the world's own.
        #[serde(default)]
        sampler: Option<SamplerConfig>,
    },
    /// Say where the roll-out stands, so that another engine can go on with it.
    Leave,
    /// Go on where another engine stood. The body is the memory that it left; the first frame is that
    /// engine's last one, drawn again.
    Resume(Left),
}

/// Where a roll-out stands, but for its memory: `f32` in little-endian order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// Chooses the noise.
    pub seed: u64,
    /// Frames so far, the first among them.
    pub frames: u64,
    /// The action that led to the newest frame, normalised.
    pub pending: Vec<f32>,
}

/// Where a roll-out begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// In one of the world's own first frames, chosen by the seed.
    #[default]
    OfSeed,
    /// In the picture that is the body: of the world's size, `R G B` a pixel, rows from the top.
    Picture,
    /// In the latent that is the body: `[channels, rows, columns]`, `f32` in little-endian order.
    Latent,
}

/// What a worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WorkerReport {
    /// The world is there, and its weights are what the manifest says.
    Loaded {
        /// The world's name.
        name: String,
        /// What checking and planning took.
        load_ms: f64,
    },
    /// A frame. The body is the picture as textures want it: `width * height * 4` bytes.
    Frame {
        /// 0 for the frame that the roll-out began with, then counting up.
        index: u64,
        /// What was held on the way to it; nothing for frame 0.
        action: ActionVector,
        /// Pixels a row.
        width: usize,
        /// Rows.
        height: usize,
        /// What it took.
        timings: WorkerTimings,
    },
    /// Where the roll-out stands. The body is its memory.
    Left(Left),
    /// The network's numbers are none any more; a reset helps.
    Diverged {
        /// Which frame it was, in one line.
        reason: String,
    },
    /// The request could not be answered.
    Failed {
        /// Why, in one line.
        reason: String,
    },
}

/// What one generated frame took in the worker, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct WorkerTimings {
    /// From the action to the latent.
    pub denoise_ms: f64,
    /// From the latent to the picture.
    pub decode_ms: f64,
}

impl WorkerRequest {
    /// The head that stands for it.
    pub fn to_json(&self) -> String {
        // Plain structures of numbers and text: nothing in them can fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl WorkerReport {
    /// The head that stands for it.
    pub fn to_json(&self) -> String {
        // Plain structures of numbers and text: nothing in them can fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}
