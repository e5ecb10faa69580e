//! From the frames and actions of a recording to those of another rate.

use std::ops::Range;
use std::path::Path;

use bvgdm_core::{ActionKind, ActionSchema, ActionVector};

use crate::error::{DataError, Result};

/// How far a time may be rounded: WebM states whole milliseconds.
const ROUNDING: f64 = 2e-3;

/// Which recorded frame every frame of the new rate shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// Ascending, one a new frame.
    shown: Vec<usize>,
    recorded: usize,
}

impl Timeline {
    /// Every recorded frame once, however long it was shown.
    ///
    /// # Errors
    /// When there are more than `most` frames in `file`.
    pub(crate) fn as_recorded(recorded: usize, most: usize, file: &Path) -> Result<Self> {
        if recorded > most {
            let expected = format!("at most {most}");
            return Err(DataError::invalid(file, "frames", expected, recorded));
        }
        Ok(Self {
            shown: (0..recorded).collect(),
            recorded,
        })
    }

    /// New frame k is taken at `k / fps` seconds and shows the newest recorded frame of that time;
    /// the last recorded frame is taken to stay for as long as the mean one. `times` are ascending
    /// seconds, at least one; `most` bounds the new frames.
    ///
    /// # Errors
    /// When there would be more than `most` frames in `file`.
    pub(crate) fn new(times: &[f64], fps: f64, most: usize, file: &Path) -> Result<Self> {
        let first = times.first().copied().unwrap_or_default();
        let last = times.last().copied().unwrap_or_default() - first;
        let interval = match times.len() {
            0 | 1 => 1.0 / fps,
            count => last / (count - 1) as f64,
        };
        let slack = ROUNDING.min(interval / 4.0);
        let count = ((last + interval - slack) * fps).ceil().max(1.0);
        if count > most as f64 {
            let field = format!("frames at {fps} a second");
            return Err(DataError::invalid(
                file,
                field,
                format!("at most {most}"),
                count,
            ));
        }
        let at = |k: usize| {
            let time = first + k as f64 / fps + slack;
            times.partition_point(|&t| t <= time).max(1) - 1
        };
        Ok(Self {
            shown: (0..count as usize).map(at).collect(),
            recorded: times.len(),
        })
    }

    /// How many new frames there are.
    pub(crate) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The recorded frame that new frame `k` shows; behind the end, the one behind the last.
    pub(crate) fn shown(&self, k: usize) -> usize {
        self.shown.get(k).copied().unwrap_or(self.recorded)
    }

    /// The recorded frames between new frame `k` and the next; empty where both show the same.
    fn between(&self, k: usize) -> Range<usize> {
        self.shown(k)..self.shown(k + 1)
    }

    /// What is held between new frame `k` and the next, of the recorded `actions` (one a frame,
    /// possibly out of bounds): a button that is held at any time, the sum of an axis. While a
    /// frame is shown again, its buttons stay held and its axes are at rest, since nothing moves.
    pub(crate) fn action(
        &self,
        k: usize,
        actions: &[ActionVector],
        schema: &ActionSchema,
    ) -> ActionVector {
        let mut vector = schema.zeros();
        let between = self.between(k);
        let repeated = between.is_empty();
        let range = if repeated {
            self.shown(k)..self.shown(k) + 1
        } else {
            between
        };
        for action in actions.get(range).unwrap_or_default() {
            let kinds = schema.actions.iter().map(|action| action.kind);
            for ((sum, &value), kind) in vector.0.iter_mut().zip(&action.0).zip(kinds) {
                match kind {
                    ActionKind::Button => *sum = sum.max(value),
                    ActionKind::Axis { .. } if repeated => {}
                    ActionKind::Axis { .. } => *sum += value,
                }
            }
        }
        vector
    }
}

#[cfg(test)]
mod tests {
    use bvgdm_core::ActionSpec;

    use super::*;

    fn constant(count: usize, fps: f64) -> Vec<f64> {
        (0..count).map(|i| i as f64 / fps).collect()
    }

    fn timeline(times: &[f64], fps: f64) -> Timeline {
        Timeline::new(times, fps, 1 << 20, Path::new("clip")).unwrap()
    }

    #[test]
    fn the_same_rate_is_the_same_frames() {
        for fps in [17.5, 20.0, 29.97, 60.0, 240.0] {
            let exact = constant(700, fps);
            let whole: Vec<_> = exact.iter().map(|t| (t * 1e3).floor() / 1e3).collect();
            for times in [exact, whole] {
                let timeline = timeline(&times, fps);
                assert_eq!(timeline.shown, (0..700).collect::<Vec<_>>(), "{fps}");
                assert_eq!(timeline.between(699), 699..700);
            }
        }
    }

    #[test]
    fn as_recorded_every_frame_is_shown_once_with_what_was_held_then() {
        let whole = Timeline::as_recorded(3, 3, Path::new("clip")).unwrap();
        assert_eq!(whole.shown, [0, 1, 2]);
        assert_eq!([0, 1, 2].map(|k| whole.between(k)), [0..1, 1..2, 2..3]);
        assert!(Timeline::as_recorded(4, 3, Path::new("clip")).is_err());
    }

    #[test]
    fn other_rates_keep_the_duration() {
        let times = constant(50, 20.0);
        for (fps, count) in [
            (10.0, 25),
            (30.0, 75),
            (40.0, 100),
            (17.5, 44),
            (100.0, 250),
        ] {
            assert_eq!(timeline(&times, fps).len(), count, "{fps}");
        }
        assert_eq!(timeline(&times, 10.0).shown[..3], [0, 2, 4]);
        assert_eq!(timeline(&times, 40.0).shown[..5], [0, 0, 1, 1, 2]);
    }

    #[test]
    fn nothing_that_was_held_is_lost() {
        let actions = [
            ActionSpec::button("jump"),
            ActionSpec::axis("yaw", -9.0, 9.0),
        ];
        let schema = ActionSchema::new(actions).unwrap();
        let held: Vec<_> = (0..50)
            .map(|t| ActionVector(vec![f32::from(u8::from(t == 3)), 1.0]))
            .collect();
        for fps in [5.0, 7.0, 10.0, 20.0, 33.0, 40.0] {
            let timeline = timeline(&constant(50, 20.0), fps);
            let all: Vec<_> = (0..timeline.len())
                .map(|k| timeline.action(k, &held, &schema).0)
                .collect();
            assert_eq!(all.iter().map(|a| a[1]).sum::<f32>(), 50.0, "{fps}");
            assert!(all.iter().any(|a| a[0] == 1.0), "{fps}");
        }
        // The jump of frame 3 leads to frame 4: at half the rate, from frame 1 to frame 2.
        let half = timeline(&constant(50, 20.0), 10.0);
        let held_at = |k| half.action(k, &held, &schema).0;
        assert_eq!(
            [held_at(0), held_at(1), held_at(2)],
            [[0.0, 2.0], [1.0, 2.0], [0.0, 2.0]]
        );
    }

    #[test]
    fn pauses_are_kept_and_absurd_times_refused() {
        let shown = timeline(&[0.0, 0.1, 0.5, 0.6], 10.0).shown;
        assert_eq!(shown, [0, 1, 1, 1, 1, 2, 3, 3]);
        let error = Timeline::new(&[0.0, 1e12], 20.0, 1000, Path::new("clip.mp4")).unwrap_err();
        assert!(
            error.to_string().contains("clip.mp4: frames at 20"),
            "{error}"
        );
        assert_eq!(timeline(&[0.0], 20.0).shown, [0]);
    }
}
