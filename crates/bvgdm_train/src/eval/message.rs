//! What an evaluation tells while it works.

use serde::Serialize;

/// How far a part of the evaluation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EvalMessage {
    /// Which part, in a word or two.
    pub stage: &'static str,
    /// Done so far.
    pub done: u64,
    /// Of how many.
    pub total: u64,
}

impl EvalMessage {
    pub(super) fn new(stage: &'static str, done: usize, total: usize) -> Self {
        Self {
            stage,
            done: done as u64,
            total: total as u64,
        }
    }
}
