//! The browser build: what it needs, the page with its bundles and its worker, its size and its test.

mod browser;
mod build;
mod files;
mod game;
mod listing;
mod npm;
mod page;
mod setup;
mod size;
mod target;
mod tools;
mod wasm;
mod worker;

pub use browser::{set_up_tests, test};
pub use build::{build, build_worker};
pub use game::{Bundle, Finish};
pub use setup::{Part, set_up};
pub use size::check_size;
