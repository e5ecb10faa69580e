//! One recording: frames that wait for what belongs to them, and a thread that writes the others.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use bevy::prelude::*;
use bvgdm_core::{ActionVector, Frame, WorldManifest};

use super::film::{Film, write};

/// Frames that may wait for the disk: three seconds.
const QUEUE: usize = 64;

/// A recording under way, or one that waits for its last pictures. One that is dropped is written to its
/// end first: the window may be closed at any time.
pub struct Reel {
    folder: PathBuf,
    /// The last one's action comes with the next frame.
    waiting: VecDeque<Waiting>,
    /// What leads out of the last frame, which leads nowhere.
    nothing: ActionVector,
    frames: Option<SyncSender<(Arc<Frame>, ActionVector)>>,
    writer: Option<JoinHandle<Film>>,
    ended: bool,
    /// Why it has ended, if not by the player's wish.
    reason: Option<&'static str>,
}

/// A frame's picture.
pub enum Picture {
    /// On the processor.
    Here(Arc<Frame>),
    /// On its way from the GPU, under this number.
    Coming(u64),
}

struct Waiting {
    picture: Picture,
    /// What is held from this frame to the next.
    action: Option<ActionVector>,
}

impl Reel {
    /// Records into `folder`, which is made with the first frame.
    pub fn start(folder: PathBuf, manifest: &WorldManifest, seed: u64) -> io::Result<Self> {
        let (frames, sent) = sync_channel(QUEUE);
        let (to, manifest) = (folder.clone(), manifest.clone());
        let nothing = manifest.schema.zeros();
        let writer = thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || write(&to, &manifest, seed, sent))?;
        Ok(Self {
            folder,
            waiting: VecDeque::new(),
            nothing,
            frames: Some(frames),
            writer: Some(writer),
            ended: false,
            reason: None,
        })
    }

    /// Whether it has a frame.
    pub fn has_begun(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether it takes no more frames.
    pub fn has_ended(&self) -> bool {
        self.ended || self.is_written()
    }

    /// Whether the thread is through.
    pub fn is_written(&self) -> bool {
        self.writer.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// The next frame, and what was held on the way to it.
    pub fn add(&mut self, picture: Picture, action: &ActionVector) {
        if self.ended {
            return;
        }
        if let Some(last) = self.waiting.back_mut() {
            last.action = Some(action.clone());
        }
        let action = None;
        self.waiting.push_back(Waiting { picture, action });
        // Some may be on their way from the GPU, but not without end.
        if self.waiting.len() > QUEUE {
            self.cut(0, "the GPU does not give its pictures back");
        }
        self.send();
    }

    /// The picture under this number is there, or lost.
    pub fn develop(&mut self, number: u64, frame: Option<&Arc<Frame>>) {
        let is_it =
            |waiting: &Waiting| matches!(waiting.picture, Picture::Coming(n) if n == number);
        let Some(at) = self.waiting.iter().position(is_it) else {
            return;
        };
        match (frame, self.waiting.get_mut(at)) {
            (Some(frame), Some(waiting)) => waiting.picture = Picture::Here(frame.clone()),
            _ => self.cut(at, "a picture was lost on its way from the GPU"),
        }
        self.send();
    }

    /// No more frames; `reason` is why, if not by the player's wish.
    pub fn end(&mut self, reason: Option<&'static str>) {
        self.ended = true;
        self.reason = self.reason.or(reason);
        if let Some(last) = self.waiting.back_mut() {
            last.action.get_or_insert_with(|| self.nothing.clone());
        }
        self.send();
    }

    /// Waits for the thread; what has become of the recording, in a line.
    pub fn close(&mut self) -> String {
        self.frames = None;
        let Some(writer) = self.writer.take() else {
            return String::new();
        };
        let Ok(Film { frames, outcome }) = writer.join() else {
            return "recording ended: its thread panicked, and the log says why".to_owned();
        };
        let written = match frames {
            0 => "nothing was recorded".to_owned(),
            frames => format!("{frames} frames are in {}", self.folder.display()),
        };
        let error = outcome.err().map(|error| error.to_string());
        match error.or(self.reason.map(str::to_owned)) {
            Some(reason) => format!("recording ended, {reason}: {written}"),
            None => written,
        }
    }

    /// Frames from the one at `at` on are no part of it.
    fn cut(&mut self, at: usize, reason: &'static str) {
        self.waiting.truncate(at);
        self.end(Some(reason));
    }

    /// Hands over what is complete. A full queue ends the recording rather than holding up the game.
    fn send(&mut self) {
        while let Some(frames) = &self.frames
            && let Some(waiting) = self.waiting.pop_front()
        {
            match waiting {
                Waiting {
                    picture: Picture::Here(frame),
                    action: Some(action),
                } => match frames.try_send((frame, action)) {
                    Ok(()) => {}
                    Err(TrySendError::Full(_)) => {
                        return self.cut(0, "the disk is too slow");
                    }
                    // The thread has ended, and will say why.
                    Err(TrySendError::Disconnected(_)) => self.waiting.clear(),
                },
                incomplete => {
                    self.waiting.push_front(incomplete);
                    return;
                }
            }
        }
        if self.ended {
            self.frames = None;
        }
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        if self.writer.is_some() {
            self.end(None);
            // Not within the macro, which asks for nothing where nobody listens.
            let outcome = self.close();
            info!("{outcome}");
        }
    }
}
