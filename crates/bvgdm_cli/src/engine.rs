//! The `--backend` flag.

use anyhow::Result;
use bvgdm_train::backend::{BackendKind, Job, dispatch};

/// Which engine computes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Engine {
    /// Engine; wgpu, cuda and tch only if this build has them
    #[arg(long, value_enum, default_value_t = BackendKind::Cpu)]
    backend: BackendKind,
}

impl Engine {
    /// Runs the work on the chosen engine.
    pub fn run<T: Send, J: Job<Output = Result<T>> + Send>(self, job: J) -> Result<T> {
        dispatch(self.backend, job)?
    }
}
