//! What a scene and an engine say to each other.

use std::sync::Arc;

use bvgdm_core::{ActionVector, Frame, SamplerConfig};
use bvgdm_plan::Context;

/// What an engine is asked for. Each request is answered by one [`EngineReport`].
#[derive(Debug, Clone)]
pub enum EngineRequest {
    /// Forget everything and begin again.
    Begin(Begin),
    /// Draw the next frame.
    Step {
        /// What is held from the last frame to this one, in the schema's units.
        action: ActionVector,
        /// Steps, context noise and clipping of this frame.
        sampler: SamplerConfig,
    },
    /// Say where the roll-out stands, so that another engine can go on with it.
    Leave,
}

/// The beginning of a roll-out.
#[derive(Debug, Clone)]
pub struct Begin {
    /// Same seed, same start, same actions: the same frames.
    pub seed: u64,
    /// The first frame.
    pub start: Start,
}

/// Where a roll-out begins.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Start {
    /// In one of the world's own first frames, chosen by the seed.
    #[default]
    OfSeed,
    /// In this picture, cropped and scaled to the world's size.
    Picture(Frame),
    /// In this latent, `[channels, rows, columns]`.
    Latent(Arc<[f32]>),
    /// Nowhere: another engine's roll-out goes on. The first frame is that engine's last one, drawn
    /// again.
    Context(Arc<Context>),
}

/// What an engine answers.
#[derive(Debug, Clone)]
pub enum EngineReport {
    /// A frame: the first one of a roll-out, or the next.
    Frame(GeneratedFrame),
    /// A frame that the engine has put into the scene's image by itself.
    Shown {
        /// As [`GeneratedFrame::index`].
        index: u64,
        /// As [`GeneratedFrame::action`].
        action: ActionVector,
        /// What the newest frame took in all that the GPU is done with: this one is on its way. Its
        /// stages are in Bevy's render diagnostics.
        timings: Timings,
    },
    /// Where another engine finds the roll-out: all of it, or at least its newest latent.
    Left(Start),
    /// The network's numbers are none any more. The engine waits for a new beginning.
    Diverged {
        /// Which frame it was, in one line.
        reason: String,
    },
    /// The engine has ended before it began: its device has no room for it. Another one may do with less.
    Refused {
        /// What the device said, in one line.
        reason: String,
    },
    /// The engine has ended.
    Failed {
        /// Why, in one line.
        reason: String,
    },
}

/// One frame of a roll-out.
#[derive(Debug, Clone)]
pub struct GeneratedFrame {
    /// 0 for the frame that the roll-out began with, then counting up.
    pub index: u64,
    /// What was held on the way to it; nothing for frame 0.
    pub action: ActionVector,
    /// The picture.
    pub frame: Frame,
    /// The picture as textures want it: `width * height * 4` bytes.
    pub rgba: Vec<u8>,
    /// What it took.
    pub timings: Timings,
}

/// What one generated frame took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timings {
    /// From the action to the latent: all denoising passes and what they share with the commit.
    pub denoise_ms: f64,
    /// From the latent to the picture.
    pub decode_ms: f64,
    /// From the picture to the scene's image, which Bevy uploads with the next frame of the scene (0 without a
    /// scene).
    pub upload_ms: f64,
}

impl Timings {
    /// All of it.
    pub fn total_ms(&self) -> f64 {
        self.denoise_ms + self.decode_ms + self.upload_ms
    }
}
