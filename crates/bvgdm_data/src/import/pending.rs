//! Episodes that appear under their name when they are whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Result};
use crate::writer::{EpisodeSpec, EpisodeWriter};

/// An episode that is not whole yet.
pub(super) struct Pending {
    pub writer: EpisodeWriter,
    pub spec: EpisodeSpec,
    pub partial: PathBuf,
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
        let partial = out.join(format!("{name}.partial"));
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(|e| DataError::io(&partial, e))?;
        }
        Ok(Self {
            writer: EpisodeWriter::create(&partial, spec.clone())?,
            spec,
            partial,
            dir,
        })
    }

    /// Gives the episode its name.
    pub(super) fn finish(self) -> Result<PathBuf> {
        self.writer.finish()?;
        fs::rename(&self.partial, &self.dir).map_err(|e| DataError::io(&self.dir, e))?;
        Ok(self.dir)
    }
}
