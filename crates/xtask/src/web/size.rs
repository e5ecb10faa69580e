//! `cargo xtask web-size`: what a player has to fetch.

use anyhow::Result;

use super::build::build;
use super::game::{Bundle, Finish};
use crate::process::CommandLine;

/// Builds the page and prints what each part of it weighs; size.mjs knows the limits.
///
/// # Errors
/// When it cannot be built, or a part is too large.
pub fn check_size() -> Result<()> {
    let page = build(None, &Bundle::ALL, None, Finish::Small)?;
    // Node has brotli.
    CommandLine::new("node", &["web/size.mjs", &page.to_string_lossy()]).run()
}
