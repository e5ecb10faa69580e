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
    #[error("{file}: {}", lines(.problems))]
    Tensors {
        /// The file.
        file: PathBuf,
        /// One line for each tensor.
        problems: Vec<String>,
    },
    /// Several files are wrong.
    #[error("{}", lines(.0))]
    Several(Vec<ModelError>),
    /// The file is a PyTorch checkpoint, which is a program to run and not only numbers.
    #[error(
        "{file}: a PyTorch checkpoint, expected safetensors; this makes one of it: \
         python -c \"import torch; from safetensors.torch import save_file; \
         d = torch.load('{file}', map_location='cpu', weights_only=True); \
         save_file({{k: v.clone() for k, v in d.items()}}, '{safetensors}')\""
    )]
    PyTorch {
        /// The checkpoint.
        file: PathBuf,
        /// Where the command puts its numbers.
        safetensors: PathBuf,
    },
}

/// A result of this crate.
pub type Result<T, E = ModelError> = std::result::Result<T, E>;

/// One problem as it is, several on a line each.
fn lines(problems: &[impl std::fmt::Display]) -> String {
    match problems {
        [one] => one.to_string(),
        several => several
            .iter()
            .map(|problem| format!("\n  {problem}"))
            .collect(),
    }
}
