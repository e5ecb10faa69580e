//! Processors that are left to fetch by themselves.

use super::VECTORS;

/// Nothing.
#[inline(always)]
pub fn prefetch<T>(_row: &[T; VECTORS], _ahead: usize) {}
