//! Sub-layers as one operation with one gradient, where the engine has kernels for them.
//!
//! Every function gives `None` where it has not, and the caller's plain tensor operations, which
//! define the result, do the work.

#[cfg(not(feature = "tch"))]
mod none;
#[cfg(feature = "tch")]
mod torch;

#[cfg(not(feature = "tch"))]
pub use none::{attention, modulate, norm};
#[cfg(feature = "tch")]
pub use torch::{attention, modulate, norm};

/// Which axis of `[batch, F, N, D]` an attention mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// The `N` places of one frame.
    Places,
    /// The `F` frames at one place.
    Frames,
}
