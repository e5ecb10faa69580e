//! Brings frames and actions together by the number of their tick.

use std::collections::BTreeMap;

use bvgdm_core::{ActionVector, Frame};

/// Frames and actions of one episode that wait for each other.
///
/// State s is what the world looks like after s ticks; its frame arrives some updates later. The
/// action of state s is what the tick from s to s + 1 saw.
#[derive(Debug)]
pub(super) struct Assembly {
    next: u64,
    last: Option<u64>,
    frames: BTreeMap<u64, Frame>,
    actions: BTreeMap<u64, ActionVector>,
}

impl Assembly {
    /// An episode whose first frame shows state `first`.
    pub(super) fn new(first: u64) -> Self {
        Self {
            next: first,
            last: None,
            frames: BTreeMap::new(),
            actions: BTreeMap::new(),
        }
    }

    /// The frame of `state` has arrived.
    pub(super) fn frame(&mut self, state: u64, frame: Frame) {
        if state >= self.next && self.last.is_none_or(|last| state <= last) {
            self.frames.insert(state, frame);
        }
    }

    /// The tick from `state` to the next one saw `action`.
    pub(super) fn action(&mut self, state: u64, action: ActionVector) {
        if state >= self.next && self.last.is_none_or(|last| state < last) {
            self.actions.insert(state, action);
        }
    }

    /// No state after `last` belongs to the episode; nothing is done with `last`, so that its
    /// action is `nothing`.
    pub(super) fn end(&mut self, last: u64, nothing: ActionVector) {
        self.last = Some(last);
        self.actions.retain(|state, _| *state < last);
        self.actions.insert(last, nothing);
    }

    /// The next frame with its action, once both are there.
    pub(super) fn pop(&mut self) -> Option<(Frame, ActionVector)> {
        if !self.actions.contains_key(&self.next) {
            return None;
        }
        let frame = self.frames.remove(&self.next)?;
        let action = self.actions.remove(&self.next)?;
        self.next += 1;
        Some((frame, action))
    }

    /// Whether everything has been popped.
    pub(super) fn is_done(&self) -> bool {
        self.last.is_some_and(|last| self.next > last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(byte: u8) -> Frame {
        Frame::new(1, 1, vec![byte; 3]).unwrap()
    }

    fn action(value: f32) -> ActionVector {
        ActionVector(vec![value])
    }

    #[test]
    fn late_frames_meet_the_action_that_leads_out_of_them() {
        let mut episode = Assembly::new(7);
        episode.action(6, action(6.0));
        episode.action(7, action(7.0));
        episode.action(8, action(8.0));
        assert!(episode.pop().is_none());
        episode.frame(8, frame(8));
        assert!(episode.pop().is_none(), "frame 7 is still to come");
        episode.frame(7, frame(7));
        episode.end(9, action(0.0));
        episode.frame(9, frame(9));
        let mut seen = Vec::new();
        while let Some((frame, action)) = episode.pop() {
            seen.push((frame.rgb[0], action.0[0]));
        }
        assert_eq!(seen, [(7, 7.0), (8, 8.0), (9, 0.0)]);
        assert!(episode.is_done());
    }
}
