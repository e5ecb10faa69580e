//! Checkpoints: folders that appear whole or not at all.

use std::fs;
use std::path::Path;

use burn::record::{FullPrecisionSettings, NamedMpkFileRecorder, Record, Recorder as _};
use burn::tensor::backend::Backend;

use crate::error::{Result, TrainError};

/// Writes what `fill` puts into a temporary folder, and renames it.
pub fn write_checkpoint(path: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let failed = |e: std::io::Error| checkpoint_error(path, e);
    let temporary = path.with_extension("tmp");
    if temporary.exists() {
        fs::remove_dir_all(&temporary).map_err(failed)?;
    }
    fs::create_dir_all(&temporary).map_err(failed)?;
    fill(&temporary)?;
    if path.exists() {
        fs::remove_dir_all(path).map_err(failed)?;
    }
    fs::rename(&temporary, path).map_err(failed)
}

/// Writes one record.
pub fn save_record<B: Backend, R: Record<B>>(record: R, path: &Path) -> Result<()> {
    NamedMpkFileRecorder::<FullPrecisionSettings>::new()
        .record(record, path.to_owned())
        .map_err(|e| checkpoint_error(path, e))
}

/// Reads one record.
pub fn load_record<B: Backend, R: Record<B>>(path: &Path, device: &B::Device) -> Result<R> {
    NamedMpkFileRecorder::<FullPrecisionSettings>::new()
        .load(path.to_owned(), device)
        .map_err(|e| checkpoint_error(path, e))
}

/// An error with the file that it is about.
pub fn checkpoint_error(path: &Path, error: impl std::fmt::Display) -> TrainError {
    TrainError::Checkpoint {
        path: path.to_owned(),
        message: error.to_string(),
    }
}
