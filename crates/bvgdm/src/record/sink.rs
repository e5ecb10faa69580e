//! Writes an episode on a thread of its own: compressing frames must not hold up the game.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use bvgdm_core::{ActionVector, Frame};
use bvgdm_data::{EpisodeSpec, EpisodeWriter};

/// Frames that may wait for the disk before the game waits.
const QUEUE: usize = 128;

/// An episode that is being written.
pub(super) struct Sink {
    folder: PathBuf,
    frames: Option<SyncSender<(Frame, ActionVector)>>,
    thread: Option<JoinHandle<Result<u64, String>>>,
}

impl Sink {
    /// Begins the episode in `folder`.
    pub(super) fn create(folder: &Path, spec: EpisodeSpec) -> Result<Self, String> {
        let mut writer = EpisodeWriter::create(folder, spec).map_err(|e| e.to_string())?;
        let (frames, queue) = sync_channel::<(Frame, ActionVector)>(QUEUE);
        let thread = std::thread::Builder::new()
            .name("episode writer".to_owned())
            .spawn(move || {
                let mut count = 0;
                for (frame, action) in queue {
                    writer.push(&frame, &action).map_err(|e| e.to_string())?;
                    count += 1;
                }
                writer.finish().map_err(|e| e.to_string())?;
                Ok(count)
            })
            .map_err(|e| e.to_string())?;
        Ok(Self {
            folder: folder.to_owned(),
            frames: Some(frames),
            thread: Some(thread),
        })
    }

    /// Where the episode lies.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Hands a frame over; false when the writer has failed: [`finish`](Self::finish) says why.
    pub(super) fn push(&self, frame: Frame, action: ActionVector) -> bool {
        let sent = self.frames.as_ref().map(|f| f.send((frame, action)));
        matches!(sent, Some(Ok(())))
    }

    /// No more frames.
    pub(super) fn close(&mut self) {
        self.frames = None;
    }

    /// Whether the thread has ended.
    pub(super) fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the thread; how many frames were written, or why not all were.
    pub(super) fn finish(mut self) -> Result<u64, String> {
        self.close();
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err("the writing thread panicked".to_owned()),
        }
    }
}
