//! Brings frames and actions together by the number of their tick.

use std::collections::BTreeMap;

use bvgdm_core::{ActionVector, Frame};

/// Frames and actions of one episode that wait for each other.
///
/// State s is what the world looks like after s ticks; its frame arrives some updates later. The
/// action of state s is what the tick from s to s + 1 saw. A frame waits for the one after it, so
/// that the last one is known, however the episode ends: it leads nowhere.
#[derive(Debug)]
pub(super) struct Assembly {
    next: u64,
    last: Option<u64>,
    nothing: ActionVector,
    frames: BTreeMap<u64, Frame>,
    actions: BTreeMap<u64, ActionVector>,
}

impl Assembly {
    /// An episode whose first frame shows state `first` and whose last action is `nothing`.
    pub(super) fn new(first: u64, nothing: ActionVector) -> Self {
        Self {
            next: first,
            last: None,
            nothing,
            frames: BTreeMap::new(),
            actions: BTreeMap::new(),
        }
    }

    /// Whether the frame of `state` belongs to the episode and is still to come.
    pub(super) fn expects(&self, state: u64) -> bool {
        state >= self.next && self.last.is_none_or(|last| state <= last)
    }

    /// The first state whose frame has not arrived, if it is before `state`.
    pub(super) fn missing_before(&self, state: u64) -> Option<u64> {
        (self.next..state).find(|state| !self.frames.contains_key(state))
    }

    /// The frame of `state` has arrived.
    pub(super) fn frame(&mut self, state: u64, frame: Frame) {
        if self.expects(state) {
            self.frames.insert(state, frame);
        }
    }

    /// The tick from `state` to the next one saw `action`.
    pub(super) fn action(&mut self, state: u64, action: ActionVector) {
        if state >= self.next && self.last.is_none_or(|last| state < last) {
            self.actions.insert(state, action);
        }
    }

    /// No state after `last` belongs to the episode.
    pub(super) fn end(&mut self, last: u64) {
        let last = self.last.map_or(last, |earlier| earlier.min(last));
        self.last = Some(last);
        self.frames.retain(|state, _| *state <= last);
        self.actions.retain(|state, _| *state < last);
        self.actions.insert(last, self.nothing.clone());
    }

    /// No frame will come any more: the last one that follows on without a gap is the last.
    pub(super) fn end_with_arrived(&mut self) {
        let arrived = (self.next..).take_while(|state| self.frames.contains_key(state));
        let last = arrived.last();
        self.end(last.unwrap_or(self.next.saturating_sub(1)));
    }

    /// The next frame with its action, once both are there.
    pub(super) fn pop(&mut self) -> Option<(Frame, ActionVector)> {
        let is_last = self.last == Some(self.next);
        if !(is_last || self.frames.contains_key(&(self.next + 1)))
            || !self.actions.contains_key(&self.next)
        {
            return None;
        }
        let frame = self.frames.remove(&self.next)?;
        let action = self.actions.remove(&self.next)?;
        self.next += 1;
        Some((frame, action))
    }

    /// Whether its last state is known.
    pub(super) fn has_end(&self) -> bool {
        self.last.is_some()
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

    fn popped(episode: &mut Assembly) -> Vec<(u8, f32)> {
        std::iter::from_fn(|| episode.pop())
            .map(|(frame, action)| (frame.rgb[0], action.0[0]))
            .collect()
    }

    #[test]
    fn late_frames_meet_the_action_that_leads_out_of_them() {
        let mut episode = Assembly::new(7, action(0.0));
        episode.action(6, action(6.0));
        episode.action(7, action(7.0));
        episode.action(8, action(8.0));
        assert!(episode.pop().is_none());
        episode.frame(8, frame(8));
        assert!(episode.pop().is_none(), "frame 7 is still to come");
        episode.frame(7, frame(7));
        episode.end(9);
        episode.frame(9, frame(9));
        assert_eq!(popped(&mut episode), [(7, 7.0), (8, 8.0), (9, 0.0)]);
        assert!(episode.is_done());
    }

    #[test]
    fn a_frame_that_was_passed_over_is_noticed_by_the_one_after_it() {
        let mut episode = Assembly::new(4, action(0.0));
        // Of the time before the episode.
        assert_eq!(episode.missing_before(3), None);
        assert_eq!(episode.missing_before(4), None);
        assert_eq!(episode.missing_before(5), Some(4));
        for state in [4, 5] {
            episode.frame(state, frame(state as u8));
            episode.action(state, action(0.0));
        }
        assert_eq!(popped(&mut episode).len(), 1);
        assert_eq!(episode.missing_before(6), None);
        assert_eq!(episode.missing_before(8), Some(6));
        episode.frame(7, frame(7));
        assert_eq!(episode.missing_before(u64::MAX), Some(6));
    }

    #[test]
    fn an_episode_that_breaks_off_ends_like_any_other() {
        // Frame 4 never comes: the app ends, or it was lost.
        let broken = || {
            let mut episode = Assembly::new(1, action(0.0));
            for state in [1, 2, 3, 5] {
                episode.frame(state, frame(state as u8));
                episode.action(state, action(state as f32));
            }
            episode
        };
        let expected = [(1, 1.0), (2, 2.0), (3, 0.0)];
        let mut ended = broken();
        ended.end_with_arrived();
        assert_eq!(popped(&mut ended), expected);
        assert!(ended.is_done());
        let mut ended = broken();
        let mut seen = popped(&mut ended);
        assert_eq!(seen, expected[..2], "the last frame waits for its end");
        ended.end(8);
        ended.end(3);
        seen.extend(popped(&mut ended));
        assert_eq!(seen, expected);
        assert!(ended.is_done());
        ended.end_with_arrived();
        assert!(popped(&mut ended).is_empty());
    }
}
