//! Episodes as videos.

use std::ops::Range;
use std::path::Path;

use super::{ExportOptions, Exported, Exporter, Recording};
use crate::episode::Episode;
use crate::error::{DataError, Result};

/// Exports the frames `range` of an episode; `progress` is told how many are done, and of how many.
///
/// # Errors
/// When the episode has no such frames or is damaged, and as [`Exporter`].
pub fn export_episode(
    episode: &Episode,
    range: Range<usize>,
    out: &Path,
    options: &ExportOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Exported> {
    let metadata = episode.metadata();
    let Some(actions) = episode.actions().get(range.clone()) else {
        return Err(DataError::OutOfRange {
            episode: episode.dir().to_owned(),
            range,
            frames: episode.len(),
        });
    };
    let recording = Recording {
        width: metadata.width,
        height: metadata.height,
        fps: metadata.fps,
        schema: metadata.schema.clone(),
        actions: actions.to_vec(),
    };
    let mut exporter = Exporter::create(out, recording, options)?;
    let step = metadata.chunk_frames.max(1);
    let mut next = range.start;
    while next < range.end {
        let end = (next / step * step + step).min(range.end);
        for frame in episode.frames(next..end)? {
            exporter.push(&frame)?;
        }
        next = end;
        progress(next - range.start, range.len());
    }
    exporter.finish()
}
