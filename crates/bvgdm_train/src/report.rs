//! Pictures of a run: the loss over the steps, and strips of real above generated frames.

mod canvas;
mod font;
mod plot;
mod strip;

pub use plot::{Plot, Series};
pub use strip::{stack, strip};
