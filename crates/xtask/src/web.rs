//! The browser build: what it needs, the worker, its size and its test.

mod browser;
mod build;
mod setup;
mod size;
mod target;
mod tools;

pub use browser::test;
pub use setup::{Part, set_up};
pub use size::check_size;
