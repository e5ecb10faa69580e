//! Which frames of a clip become episodes.

use super::log::Kind;

/// A stretch of a clip that becomes one episode.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Span {
    /// The frames, ascending.
    pub frames: Vec<usize>,
    /// Their times in seconds from the first: what was left out has taken none.
    pub times: Vec<f64>,
}

impl Span {
    /// By how many mean frames a frame's time leaves an even pace, at most.
    pub(super) fn uneven(&self) -> f64 {
        let last = self.times.last().copied().unwrap_or_default();
        let interval = last / (self.times.len().max(2) - 1) as f64;
        if interval <= 0.0 {
            return 0.0;
        }
        let off = self.times.iter().zip(0u32..);
        let off = off.map(|(time, i)| (time / interval - f64::from(i)).abs());
        off.fold(0.0, f64::max)
    }
}

/// Cuts a clip at moments whose actions are not known, and at open menus where `skip_gui` says so;
/// with `skip_idle`, idle moments are left out without a cut. Of a clip that is cut, a stretch of a
/// single frame is left out.
pub(super) fn spans(times: &[f64], kinds: &[Kind], skip_gui: bool, skip_idle: bool) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut span = Span::default();
    let mut clock = 0.0;
    for (frame, kind) in kinds.iter().enumerate() {
        match kind {
            Kind::Idle if skip_idle => {}
            Kind::Active | Kind::Idle => push(&mut span, &mut clock, frame, times),
            Kind::Gui if !skip_gui => push(&mut span, &mut clock, frame, times),
            Kind::Gui | Kind::Missing => {
                spans.push(std::mem::take(&mut span));
                clock = 0.0;
            }
        }
    }
    spans.push(span);
    let cut = spans.len() > 1;
    spans.retain(|span| span.frames.len() > usize::from(cut));
    spans
}

/// The time until the next frame belongs to a frame, like its action.
fn push(span: &mut Span, clock: &mut f64, frame: usize, times: &[f64]) {
    span.frames.push(frame);
    span.times.push(*clock);
    if let (Some(now), Some(next)) = (times.get(frame), times.get(frame + 1)) {
        *clock += next - now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_times_leave_an_even_pace_is_in_frames() {
        let uneven = |times: &[f64]| {
            let span = Span {
                frames: (0..times.len()).collect(),
                times: times.to_vec(),
            };
            span.uneven()
        };
        assert_eq!(uneven(&[0.0, 0.5, 1.0]), 0.0);
        // A pause of two frames after the first.
        assert!((uneven(&[0.0, 3.0, 4.0, 5.0, 6.0]) - 1.0).abs() < 1e-9);
        assert_eq!([uneven(&[]), uneven(&[0.0])], [0.0, 0.0]);
    }

    #[test]
    fn menus_cut_and_idle_moments_close_up() {
        use Kind::{Active, Gui, Idle, Missing};
        let kinds = [
            Active, Idle, Active, Gui, Gui, Active, Missing, Idle, Active, Active,
        ];
        let times: Vec<_> = (0..kinds.len()).map(|i| i as f64).collect();
        let frames = |skip_gui, skip_idle| -> Vec<Vec<usize>> {
            let spans = spans(&times, &kinds, skip_gui, skip_idle);
            spans.into_iter().map(|span| span.frames).collect()
        };
        assert_eq!(
            frames(false, false),
            [vec![0, 1, 2, 3, 4, 5], vec![7, 8, 9]]
        );
        assert_eq!(frames(true, false), [vec![0, 1, 2], vec![7, 8, 9]]);
        assert_eq!(frames(true, true), [vec![0, 2], vec![8, 9]]);
        assert_eq!(spans(&times, &kinds, true, true)[0].times, [0.0, 1.0]);
        assert_eq!(spans(&[0.0], &[Active], true, true)[0].frames, [0]);
        assert!(spans(&times, &[Missing; 10], false, false).is_empty());
    }
}
