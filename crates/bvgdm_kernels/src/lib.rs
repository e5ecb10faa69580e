#![doc = include_str!("../README.md")]

mod kernel;
pub mod math;
mod product;

pub use kernel::{Kernel, Work, among_threads, awake, side_by_side, threads, with_vectors};
pub use product::{Panels, View, column_parts};
