//! What a long job tells, whoever listens.

use std::path::PathBuf;

use serde::Serialize;

/// The part of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Episodes are read into memory.
    Read,
    /// Frames are encoded to latents.
    Encode,
    /// Weights are trained.
    Train,
}

impl TrainMessage {
    /// Of a single episode nothing can be held out.
    pub(crate) fn nothing_is_held_out() -> Self {
        let text = "nothing is held out, of one episode: looks are taken at what is trained on";
        Self::Warning {
            text: text.to_owned(),
        }
    }
}

/// One message of a training job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum TrainMessage {
    /// The job begins.
    Begin {
        /// What computes, and where: the engine may have fallen back to the processor.
        machine: String,
    },
    /// Work before the first step.
    Progress {
        /// Which part.
        stage: Stage,
        /// Done so far.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// Episodes that were recorded meanwhile are trained on from now on.
    Found {
        /// How many.
        episodes: usize,
        /// Frames of all episodes that are trained on.
        frames: u64,
    },
    /// An optimiser step.
    Step {
        /// Steps so far.
        step: u64,
        /// Of how many.
        steps: u64,
        /// The loss.
        loss: f64,
        /// Learning rate.
        learning_rate: f64,
        /// Norm of the gradient before clipping.
        gradient_norm: f64,
        /// Examples (frames) a second, over the last steps.
        examples_per_s: f64,
        /// Seconds to go.
        left_s: f64,
        /// Resident memory in bytes, where it can be read.
        memory_bytes: Option<u64>,
    },
    /// A look at held-out frames.
    Eval {
        /// Steps so far.
        step: u64,
        /// PSNR in dB: of the reconstruction (VAE) or of the next frame (DiT).
        psnr: f64,
        /// For the DiT, PSNR of repeating the last frame.
        baseline_psnr: Option<f64>,
        /// PSNR at the end of a short roll-out (DiT).
        rollout_psnr: Option<f64>,
        /// A strip of real above generated frames.
        strip: PathBuf,
    },
    /// A checkpoint was written.
    Checkpoint {
        /// Steps so far.
        step: u64,
        /// Where.
        path: PathBuf,
    },
    /// Something that the user should know.
    Warning {
        /// What.
        text: String,
    },
    /// The end of the job.
    Done {
        /// Steps in all.
        steps: u64,
        /// Seconds of this run.
        seconds: f64,
        /// Examples a second at the start of this run.
        first_examples_per_s: f64,
        /// Examples a second at its end.
        last_examples_per_s: f64,
        /// Resident memory at the start of this run.
        first_memory_bytes: Option<u64>,
        /// Resident memory at its end.
        last_memory_bytes: Option<u64>,
    },
}
