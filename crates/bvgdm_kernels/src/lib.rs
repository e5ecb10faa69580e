#![doc = include_str!("../README.md")]

mod integers;
mod kernel;
pub mod math;
mod product;
mod view;

pub use integers::{IntegerPanels, IntegerRows, integers_are_faster};
pub use kernel::{Kernel, Work, among_threads, apart, awake, side_by_side, threads, with_vectors};
pub use product::{Panels, column_parts};
pub use view::View;
