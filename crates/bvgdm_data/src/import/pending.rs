//! Folders that appear under their name when they are whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Result};
use crate::files::PARTIAL;
use crate::metadata::METADATA_FILE;

/// What a clip is called that is cut: its episodes are `NAME/000` and so on.
pub(super) fn part(number: usize) -> String {
    format!("{number:03}")
}

/// The episodes of a clip, or the one, that are not whole yet.
pub(super) struct Pending {
    partial: Partial,
    dir: PathBuf,
}

impl Pending {
    /// A place for what will be `out/name`. What an attempt that was killed has left there goes.
    pub(super) fn create(out: &Path, name: &str) -> Result<Self> {
        let dir = out.join(name);
        if dir.exists() {
            return Err(DataError::invalid(
                &dir,
                "episode",
                "a new name",
                "one that is there",
            ));
        }
        let partial = out.join(format!("{name}{PARTIAL}"));
        let left = [&partial, &partial.join(part(0))].map(|dir| dir.join(METADATA_FILE).exists());
        if left.contains(&true) {
            fs::remove_dir_all(&partial).map_err(|e| DataError::io(&partial, e))?;
        } else if partial.exists() {
            let found = "a folder that is none";
            return Err(DataError::invalid(
                &partial,
                "folder",
                "an unfinished episode",
                found,
            ));
        }
        Ok(Self {
            partial: Partial(partial),
            dir,
        })
    }

    /// Where it is until then.
    pub(super) fn place(&self) -> &Path {
        &self.partial.0
    }

    /// Gives it its name.
    pub(super) fn publish(self) -> Result<PathBuf> {
        fs::rename(&self.partial.0, &self.dir).map_err(|e| DataError::io(&self.dir, e))?;
        Ok(self.dir)
    }
}

/// A folder that goes away with this value, unless it has been renamed.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // After a success there is nothing left to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}
