#![doc = include_str!("../README.md")]

mod kernel;
pub mod math;
mod product;
mod view;

pub use kernel::{Kernel, Work, among_threads, awake, side_by_side, threads, with_vectors};
pub use product::{Panels, column_parts};
pub use view::View;
