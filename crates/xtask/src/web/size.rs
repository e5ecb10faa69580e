//! `cargo xtask web-size`: what a player has to fetch.

use anyhow::Result;

use super::build;
use crate::process::CommandLine;

/// Of the worker, compressed by brotli: its wasm and its scripts.
const WORKER_LIMIT_KB: u32 = 700;

/// Builds the worker and prints what each of its files weighs.
///
/// # Errors
/// When it cannot be built, or is too large.
pub fn check_size() -> Result<()> {
    let worker = build::worker()?;
    let limit = WORKER_LIMIT_KB.to_string();
    // Node has brotli.
    CommandLine::new("node", &["web/size.mjs", &worker.to_string_lossy(), &limit]).run()
}
