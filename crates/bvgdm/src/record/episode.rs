//! One episode on its way to the disk.

use bvgdm_core::{ActionVector, Frame};

use super::assemble::Assembly;
use super::capture::IN_FLIGHT;
use super::error::RecorderError;
use super::recorder::RecorderEvent;
use super::sink::Sink;

/// By how many a frame may come after one that follows it.
const LATEST: u64 = IN_FLIGHT as u64 + 1;

/// Frames and actions that wait for each other, and the thread that writes them.
pub(super) struct Episode {
    assembly: Assembly,
    sink: Sink,
    failure: Option<RecorderError>,
}

impl Episode {
    /// Everything that `assembly` puts together goes into `sink`.
    pub(super) fn new(assembly: Assembly, sink: Sink) -> Self {
        Self {
            assembly,
            sink,
            failure: None,
        }
    }

    /// The frame of `state` has arrived, or was lost: then the episode ends before it.
    pub(super) fn frame(&mut self, state: u64, frame: Option<Frame>) {
        // They come in their order, but for those that are on their way at once.
        let missing = self.assembly.missing_before(state);
        let missing = missing.filter(|missing| state - missing > LATEST);
        let lost = missing.or(frame.is_none().then_some(state));
        if let Some(tick) = lost.filter(|state| self.assembly.expects(*state)) {
            let lost = RecorderError::LostPicture { tick };
            self.end(tick.saturating_sub(1), Some(lost));
        } else if let Some(frame) = frame {
            self.assembly.frame(state, frame);
        }
    }

    /// The tick from `state` to the next one saw `action`.
    pub(super) fn action(&mut self, state: u64, action: ActionVector) {
        self.assembly.action(state, action);
    }

    /// Ends with state `last`, by a failure or because it was asked to.
    pub(super) fn end(&mut self, last: u64, failure: Option<RecorderError>) {
        self.assembly.end(last);
        self.failure = self.failure.take().or(failure);
    }

    /// Ends with what has arrived: the app ends.
    pub(super) fn end_now(&mut self) {
        self.assembly.end_with_arrived();
        self.write();
    }

    /// Hands over what is complete.
    pub(super) fn write(&mut self) {
        while let Some((frame, action)) = self.assembly.pop() {
            if !self.sink.push(frame, action) {
                break;
            }
        }
        if self.assembly.is_done() {
            self.sink.close();
        }
    }

    /// Whether no further state belongs to it: it was ended, or its writer has failed.
    pub(super) fn has_ended(&self) -> bool {
        self.assembly.has_end() || self.sink.is_closed()
    }

    /// Whether everything that will ever be written is on the disk.
    pub(super) fn is_written(&self) -> bool {
        self.sink.is_finished()
    }

    /// What became of it. Waits for the writing thread.
    pub(super) fn finish(self) -> RecorderEvent {
        let folder = self.sink.folder().to_owned();
        match (self.failure, self.sink.finish()) {
            (None, Ok(frames)) => RecorderEvent::Finished { folder, frames },
            (Some(reason), _) | (None, Err(reason)) => RecorderEvent::Failed { folder, reason },
        }
    }
}
