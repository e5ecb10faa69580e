//! The cache's next lines, asked for by hand.

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use super::VECTORS;

/// Has the row `ahead` rows after this one brought nearer: the next panel's, since panels follow each
/// other. Processors do so by themselves, but not across pages of memory.
#[inline(always)]
#[expect(
    unsafe_code,
    reason = "there is no safe prefetch; it reads nothing, whatever the address"
)]
pub fn prefetch<T>(row: &[T; VECTORS], ahead: usize) {
    for vector in row {
        let place = std::ptr::from_ref(vector).wrapping_add(VECTORS * ahead);
        // SAFETY: a prefetch may name any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
}
