//! What can go wrong while a world plays.

use bvgdm_core::CoreError;
use bvgdm_plan::PlanError;

/// Why a world does not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A setting, an action or a picture is not what the world can take.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The roll-out cannot go on from this context.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The network made numbers that are none.
    #[error("frame {frame}: expected finite numbers from the network, found NaN or infinity")]
    NotFinite {
        /// The frame's number since the roll-out began.
        frame: u64,
    },
    /// The engine's thread could not be started.
    #[error("the engine's thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
    /// The engine panicked: a defect of this crate or of one below it.
    #[error("the engine stopped: {0}")]
    Panicked(String),
    /// The engine still has requests that it has not answered.
    #[error("the engine is busy")]
    Busy,
    /// The engine has ended, after an error that it has reported.
    #[error("the engine has ended")]
    Ended,
}
