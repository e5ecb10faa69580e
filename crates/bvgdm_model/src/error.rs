//! The error type of this crate.

use std::path::PathBuf;

use bvgdm_core::CoreError;

/// What can be wrong with a world's weights or with how it is played.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The manifest or a setting is wrong.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The weights are no readable safetensors file.
    #[error("{file}: {message}")]
    Weights {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The file is not the one that the manifest names.
    #[error("{file}: expected {field} {expected}, found {found}")]
    Mismatch {
        /// The file.
        file: PathBuf,
        /// Size or checksum.
        field: &'static str,
        /// What the manifest says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// Tensors are missing, unexpected, of another shape, or hold numbers that are not finite.
    #[error("{file}: {}", .problems.join("; "))]
    Tensors {
        /// The file.
        file: PathBuf,
        /// One line for each tensor.
        problems: Vec<String>,
    },
}

/// A result of this crate.
pub type Result<T, E = ModelError> = std::result::Result<T, E>;
