//! The error type of this crate.

use std::path::PathBuf;

/// What can go wrong in training and evaluation.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A configuration, manifest or file is wrong.
    #[error(transparent)]
    Core(#[from] bvgdm_core::CoreError),
    /// An episode is wrong.
    #[error(transparent)]
    Data(#[from] bvgdm_data::DataError),
    /// A world is wrong.
    #[error(transparent)]
    Model(#[from] bvgdm_model::ModelError),
    /// The recording does not suit the model, or a setting is out of its range.
    #[error("{what}: expected {expected}, found {found}")]
    Unsuitable {
        /// What does not fit.
        what: String,
        /// What the model needs.
        expected: String,
        /// What the recording has.
        found: String,
    },
    /// A new run would mix with one that is there.
    #[error(
        "{folder}: there is a run already, at step {step}; go on with it by --resume, or choose another --out"
    )]
    RunExists {
        /// Its folder.
        folder: PathBuf,
        /// The step of its newest checkpoint.
        step: u64,
    },
    /// A run would go on as another one.
    #[error(
        "{file}: --resume goes on with the run as it began, but {}; choose another --out for another run",
        .differences.join("; ")
    )]
    OtherRun {
        /// What the run was.
        file: PathBuf,
        /// Each field with what it was and what is asked for.
        differences: Vec<String>,
    },
    /// The loss, its gradient or the weights are no numbers any more.
    #[error("step {step}: the {what} is {value}; the last good checkpoint is kept at {checkpoint}")]
    Diverged {
        /// The step.
        step: u64,
        /// Loss, gradient's norm, or norm of the weights.
        what: &'static str,
        /// NaN or infinite.
        value: f64,
        /// What to go on from.
        checkpoint: PathBuf,
    },
    /// A checkpoint cannot be written or read.
    #[error("{path}: {message}")]
    Checkpoint {
        /// The file or folder.
        path: PathBuf,
        /// What went wrong.
        message: String,
    },
    /// A backend is not built in or not there.
    #[error("{0}")]
    Backend(String),
}

/// A result of this crate.
pub type Result<T, E = TrainError> = std::result::Result<T, E>;

impl TrainError {
    pub(crate) fn unsuitable(
        what: impl Into<String>,
        expected: impl std::fmt::Display,
        found: impl std::fmt::Display,
    ) -> Self {
        Self::Unsuitable {
            what: what.into(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}
