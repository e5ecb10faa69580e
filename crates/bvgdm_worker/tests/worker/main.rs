//! Everything of a worker that needs no browser.

mod messages;
mod session;
