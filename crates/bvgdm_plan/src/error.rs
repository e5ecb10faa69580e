//! The error type of this crate.

use bvgdm_core::CoreError;

/// Why a world has no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The configuration or an action is wrong.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The configuration is valid, but no pass does this.
    #[error("{field}: the passes need {needs}, found {found}; another engine may play this world")]
    NotCovered {
        /// The field of the configuration.
        field: &'static str,
        /// What the passes can do.
        needs: String,
        /// What the world has.
        found: String,
    },
    /// The weights are no readable safetensors file.
    #[error("{file}: {message}")]
    Weights {
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// A tensor is missing, of another shape, or holds numbers that are not finite.
    #[error("{file}: tensor {tensor}: expected {expected}, found {found}")]
    Tensor {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
        /// What would have been right.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A roll-out cannot go on from a context of another world.
    #[error("context: expected {expected}, found {found}")]
    Context {
        /// What the plan keeps from frame to frame.
        expected: String,
        /// What was given.
        found: String,
    },
}

/// A result of this crate.
pub type Result<T, E = PlanError> = std::result::Result<T, E>;
