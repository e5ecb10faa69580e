//! What the targets share: files of any bytes, a small episode, and a watch over what is allocated.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

#[path = "../../../crates/bvgdm_data/tests/it/allocation.rs"]
mod allocation;
/// The episode of the property tests, and ways to put other files into it.
#[path = "../../../crates/bvgdm_data/tests/it/common.rs"]
pub mod common;

/// A file of these bytes in a folder that goes away with the first value.
pub fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A recorded episode to put other files into.
pub fn episode() -> &'static Path {
    static EPISODE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    &EPISODE.get_or_init(common::recorded).1
}

/// The result of `work`, which must not allocate more than `most` bytes in one piece.
pub fn bounded<T>(most: usize, work: impl FnOnce() -> T) -> T {
    let (result, largest) = allocation::largest_of(work);
    assert!(largest <= most, "{largest} bytes at once");
    result
}
