//! What can go wrong in a worker.

use bvgdm_core::CoreError;
use bvgdm_plan::PlanError;

/// Why a request was not answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The head of a message is none of [`WorkerRequest`](crate::WorkerRequest).
    #[error("no valid request: {0}")]
    Request(#[from] serde_json::Error),
    /// The manifest, an action, a setting or a picture is not what it should be.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The weights are not what the manifest says, or no pass does what the world needs.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The weights file is not the manifest's.
    #[error("{file}: expected {field} {expected}, found {found}")]
    Weights {
        /// The file.
        file: String,
        /// What was compared.
        field: &'static str,
        /// What the manifest says.
        expected: String,
        /// What came.
        found: String,
    },
    /// The body of a message has another size.
    #[error("body: expected {expected} numbers, found {found}")]
    Body {
        /// Numbers that the request needs.
        expected: usize,
        /// Numbers that came.
        found: usize,
    },
    /// Frames were asked for before a world was there.
    #[error("no world is loaded")]
    NoWorld,
    /// The next frame was asked for before the first one.
    #[error("the roll-out has not begun")]
    NotBegun,
    /// The network made numbers that are none.
    #[error("frame {frame}: expected finite numbers from the network, found NaN or infinity")]
    NotFinite {
        /// The frame's number since the roll-out began.
        frame: u64,
    },
}
