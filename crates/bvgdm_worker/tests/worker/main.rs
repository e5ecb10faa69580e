//! Everything of a worker that needs no browser.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, too, say what went wrong by panicking"
)]

mod messages;
mod session;
