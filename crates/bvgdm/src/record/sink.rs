//! Writes an episode on a thread of its own: compressing frames must not hold up the game.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use bevy::log::error;
use bvgdm_core::{ActionVector, Frame};
use bvgdm_data::{DataError, EpisodeSpec, EpisodeWriter};

use super::error::RecorderError;

/// Frames that may wait for the disk before the game waits.
const QUEUE: usize = 128;

/// An episode that is being written. Dropping it waits until it is.
pub(super) struct Sink {
    folder: PathBuf,
    frames: Option<SyncSender<(Frame, ActionVector)>>,
    thread: Option<JoinHandle<Result<u64, DataError>>>,
}

impl Sink {
    /// Begins the episode in `folder`.
    pub(super) fn create(folder: &Path, spec: EpisodeSpec) -> Result<Self, RecorderError> {
        let mut writer = EpisodeWriter::create(folder, spec).map_err(write_error)?;
        let (frames, queue) = sync_channel::<(Frame, ActionVector)>(QUEUE);
        let thread = std::thread::Builder::new()
            .name("episode writer".to_owned())
            .spawn(move || {
                let mut count = 0;
                for (frame, action) in queue {
                    writer.push(&frame, &action)?;
                    count += 1;
                }
                writer.finish()?;
                Ok(count)
            })
            .map_err(write_error)?;
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
    pub(super) fn push(&mut self, frame: Frame, action: ActionVector) -> bool {
        let sent = self.frames.as_ref().map(|f| f.send((frame, action)));
        let taken = matches!(sent, Some(Ok(())));
        if !taken {
            self.close();
        }
        taken
    }

    /// No more frames.
    pub(super) fn close(&mut self) {
        self.frames = None;
    }

    /// Whether it takes no more frames.
    pub(super) fn is_closed(&self) -> bool {
        self.frames.is_none()
    }

    /// Whether the thread has ended.
    pub(super) fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the thread; how many frames were written, or why not all were.
    pub(super) fn finish(mut self) -> Result<u64, RecorderError> {
        self.join()
    }

    fn join(&mut self) -> Result<u64, RecorderError> {
        self.close();
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result.map_err(write_error),
            Some(Err(_)) => Err(write_error("the writing thread panicked")),
            None => Ok(0),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // The game ends while it records; after `finish` there is nothing left to do.
        if let Err(error) = self.join() {
            error!("{}: {error}", self.folder.display());
        }
    }
}

fn write_error(error: impl ToString) -> RecorderError {
    RecorderError::Write(error.to_string())
}
