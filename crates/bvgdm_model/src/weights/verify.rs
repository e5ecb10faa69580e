//! Whether a weights file is the one that a manifest names.

use std::path::Path;

use bvgdm_core::{CoreError, WeightsFile, sha256_file, sha256_hex};

use super::TensorFile;
use crate::error::{ModelError, Result};

impl TensorFile<'_> {
    /// Compares size and checksum of what is in memory with what a manifest says.
    ///
    /// # Errors
    /// When it is another file.
    pub fn verify(path: &Path, bytes: &[u8], expected: &WeightsFile) -> Result<()> {
        compare_size(path, expected, bytes.len() as u64)?;
        compare_sum(path, expected, sha256_hex(bytes))
    }

    /// The same for a file on disk, read in pieces.
    ///
    /// # Errors
    /// When it cannot be read or is another file.
    pub fn verify_file(path: &Path, expected: &WeightsFile) -> Result<()> {
        let found = std::fs::metadata(path).map_err(|e| CoreError::io(path, e))?;
        compare_size(path, expected, found.len())?;
        compare_sum(path, expected, sha256_file(path)?)
    }
}

fn compare_size(path: &Path, expected: &WeightsFile, found: u64) -> Result<()> {
    if found == expected.bytes {
        return Ok(());
    }
    Err(mismatch(path, "size", expected.bytes, found))
}

fn compare_sum(path: &Path, expected: &WeightsFile, found: String) -> Result<()> {
    if found.eq_ignore_ascii_case(&expected.sha256) {
        return Ok(());
    }
    Err(mismatch(path, "SHA-256", &expected.sha256, found))
}

fn mismatch(
    path: &Path,
    field: &'static str,
    expected: impl ToString,
    found: impl ToString,
) -> ModelError {
    ModelError::Mismatch {
        file: path.to_owned(),
        field,
        expected: expected.to_string(),
        found: found.to_string(),
    }
}
