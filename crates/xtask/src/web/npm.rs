//! Packages of npm, at the versions in a package-lock.json.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::tools;
use crate::process::CommandLine;

/// Folders with a lock file: what the page ships, and what drives the browser in its tests.
pub const FOLDERS: [&str; 2] = ["web", "web/test"];
/// A copy of the lock file that was installed.
const INSTALLED: &str = "node_modules/.lock";

/// Makes sure that the packages of `folder`'s lock file are in its `node_modules`, and returns that.
///
/// # Errors
/// When there is no lock file, or npm fails.
pub fn install(folder: &Path) -> Result<PathBuf> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| lock.display().to_string())?;
    let marker = folder.join(INSTALLED);
    if fs::read(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(folder.join("node_modules"));
    }
    CommandLine::new(
        &tools::npm(),
        &[
            "ci",
            "--no-fund",
            "--no-audit",
            "--prefix",
            &folder.to_string_lossy(),
        ],
    )
    .show_and_run()?;
    fs::write(&marker, wanted).with_context(|| marker.display().to_string())?;
    Ok(folder.join("node_modules"))
}
