//! Files that appear whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Result};

/// What the name of an episode's folder ends with while it is not whole: no data set takes it for one.
pub(crate) const PARTIAL: &str = ".partial";

/// Temporary name, then rename. Not synced to the disk as `write_atomic` does: a kill leaves
/// whole files, and a sync each chunk would cost more than the frames do.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary(path);
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|e| DataError::io(path, e))
}

/// The name that a file has until it is whole.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}
