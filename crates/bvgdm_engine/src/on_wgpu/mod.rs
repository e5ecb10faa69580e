//! The burn modules on a device that somebody else has made: every world that burn can play, with pictures that
//! never leave the GPU. Slower than passes, and the yardstick for them.

mod picture;
mod thread;

pub use picture::Packed;
pub use thread::{Answer, Drawn, Source, play};
