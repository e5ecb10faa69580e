//! The folder of a run.

use std::fs;
use std::path::{Path, PathBuf};

use bvgdm_core::{CoreError, write_atomic};
use serde::Serialize;

use crate::error::Result;

/// Configuration, checkpoints, loss and pictures of one run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder and writes the configuration into it.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn create(path: &Path, config: &impl Serialize) -> Result<Self> {
        fs::create_dir_all(path).map_err(|e| CoreError::io(path, e))?;
        let text =
            ron::ser::to_string_pretty(config, ron::ser::PrettyConfig::default()).map_err(|e| {
                CoreError::Parse {
                    file: "config.ron".into(),
                    message: e.to_string(),
                }
            })?;
        write_atomic(&path.join("config.ron"), text.as_bytes())?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder of the checkpoint at `step`.
    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.path.join(format!("checkpoint-{step:07}"))
    }

    /// Checkpoints with their steps, oldest first.
    pub fn checkpoints(&self) -> Vec<(u64, PathBuf)> {
        checkpoints_in(&self.path)
    }
}

/// Checkpoints of the run in this folder with their steps, oldest first.
pub fn checkpoints_in(folder: &Path) -> Vec<(u64, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let step = name.to_str()?.strip_prefix("checkpoint-")?.parse().ok()?;
            Some((step, entry.path()))
        })
        .collect();
    found.sort();
    found
}
