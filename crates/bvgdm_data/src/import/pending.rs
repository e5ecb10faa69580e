//! Episodes that appear under their name when they are whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Result};
use crate::files::PARTIAL;
use crate::metadata::METADATA_FILE;
use crate::writer::{EpisodeSpec, EpisodeWriter};

/// An episode that is not whole yet.
pub(super) struct Pending {
    pub writer: EpisodeWriter,
    pub spec: EpisodeSpec,
    partial: Partial,
    dir: PathBuf,
}

impl Pending {
    pub(super) fn create(out: &Path, name: &str, spec: EpisodeSpec) -> Result<Self> {
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
        if partial.join(METADATA_FILE).exists() {
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
        let partial = Partial(partial);
        Ok(Self {
            writer: EpisodeWriter::create(&partial.0, spec.clone())?,
            spec,
            partial,
            dir,
        })
    }

    /// Where it is until then.
    pub(super) fn place(&self) -> &Path {
        &self.partial.0
    }

    /// Writes what is left of it.
    pub(super) fn finish(self) -> Result<Written> {
        self.writer.finish()?;
        Ok(Written {
            partial: self.partial,
            dir: self.dir,
        })
    }
}

/// An episode that is whole and waits for its name, until what belongs with it is whole too.
pub(super) struct Written {
    partial: Partial,
    dir: PathBuf,
}

impl Written {
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
