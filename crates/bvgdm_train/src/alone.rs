//! One training at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

static GRADIENTS: Mutex<()> = Mutex::new(());

/// Waits until no other thread of this process trains, and keeps others waiting as long as it is held.
///
/// A backward pass of burn 0.21 ends by dropping what no tensor seems to need of all graphs, those that
/// another thread is still building too: that one loses gradients without a word (tracel-ai/burn#5573).
pub fn alone() -> MutexGuard<'static, ()> {
    GRADIENTS.lock().unwrap_or_else(PoisonError::into_inner)
}
