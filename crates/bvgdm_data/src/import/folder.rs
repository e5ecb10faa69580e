//! The clips of a folder.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::name;
use crate::error::{DataError, Result};

/// A video and its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// What its episode is called.
    pub name: String,
    /// The video.
    pub video: PathBuf,
    /// `NAME.jsonl` beside it, where there is one.
    pub log: Option<PathBuf>,
}

/// The videos (`.mp4`, `.webm`, `.mkv`, `.mov`) right in a folder with the logs of the same name,
/// sorted by name. A video instead of a folder is the one clip.
///
/// # Errors
/// When the folder cannot be read or has no video, two videos have the same name, a name is not one
/// for a folder, or, with `logs`, a video has no log.
pub fn find_clips(dir: &Path, logs: bool) -> Result<Vec<Clip>> {
    let mut clips: BTreeMap<String, Clip> = BTreeMap::new();
    for video in videos(dir)? {
        let name = name::of_file(&video)?;
        let log = video.with_extension("jsonl");
        let log = log.is_file().then_some(log);
        if logs && log.is_none() {
            let expected = format!("{name}.jsonl beside it");
            return Err(DataError::invalid(
                &video,
                "log of actions",
                expected,
                "no such file",
            ));
        }
        let clip = Clip {
            name: name.clone(),
            video: video.clone(),
            log,
        };
        if let Some(other) = clips.insert(name, clip) {
            let found = format!("also {}", other.video.display());
            return Err(DataError::invalid(
                &video,
                "name",
                "one that no other video has",
                found,
            ));
        }
    }
    if clips.is_empty() {
        let expected = "at least one .mp4, .webm, .mkv or .mov";
        return Err(DataError::invalid(dir, "videos", expected, "none"));
    }
    Ok(clips.into_values().collect())
}

fn videos(dir: &Path) -> Result<Vec<PathBuf>> {
    let io = |e| DataError::io(dir, e);
    if fs::metadata(dir).map_err(io)?.is_file() {
        return Ok(vec![dir.to_owned()]);
    }
    let mut videos = Vec::new();
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let extension = path.extension().map(OsStr::to_ascii_lowercase);
        let known = ["mp4", "webm", "mkv", "mov"];
        if extension.is_some_and(|e| known.iter().any(|k| e == *k)) && path.is_file() {
            videos.push(path);
        }
    }
    Ok(videos)
}
