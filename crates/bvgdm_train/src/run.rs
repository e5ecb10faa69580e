//! What every training run has: a folder, checkpoints, the optimiser with its averages.

mod checkpoint;
mod clip;
mod ema;
mod folder;
mod horizon;
mod log;
mod norm;
mod optimiser;
mod trainer;

pub use folder::{RunFolder, checkpoints_in};
pub use log::RunLog;
pub use trainer::Trainer;
