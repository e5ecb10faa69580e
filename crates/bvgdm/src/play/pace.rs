//! When the next frame is due.

/// Adds `dt` seconds to `since_due` and says whether to ask for a frame now, and how many frames
/// this scene frame has cost.
///
/// One frame may be late: it is asked for as soon as the engine is free. A frame that is still late
/// when the next is due is dropped.
pub(super) fn advance(since_due: &mut f64, dt: f64, period: f64, busy: bool) -> (bool, u64) {
    *since_due += dt;
    let due = (*since_due / period + 1e-6).floor().max(0.0);
    if due < 1.0 {
        return (false, 0);
    }
    // While the engine is busy, one period stays owed.
    let (paid, dropped) = (if busy { due - 1.0 } else { due }, due - 1.0);
    *since_due -= paid * period;
    (!busy, dropped as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_scene_asks_at_the_model_s_rate() {
        let mut since = 0.0;
        let asked: Vec<bool> = (0..9)
            .map(|_| advance(&mut since, 0.0166, 0.05, false).0)
            .collect();
        assert_eq!(asked.iter().filter(|asked| **asked).count(), 2, "{asked:?}");
    }

    #[test]
    fn a_late_frame_is_asked_for_once_the_engine_is_free() {
        let mut since = 0.0;
        assert_eq!(advance(&mut since, 0.05, 0.05, true), (false, 0));
        assert_eq!(advance(&mut since, 0.01, 0.05, false), (true, 0));
        // What was lost is made up for: the next one is due in 40 ms.
        assert_eq!(advance(&mut since, 0.04, 0.05, false), (true, 0));
    }

    #[test]
    fn what_a_busy_engine_or_a_slow_scene_misses_is_dropped() {
        let mut since = 0.0;
        assert_eq!(advance(&mut since, 0.1, 0.05, true), (false, 1));
        assert_eq!(advance(&mut since, 0.05, 0.05, true), (false, 1));
        let mut since = 0.0;
        assert_eq!(advance(&mut since, 0.16, 0.05, false), (true, 2));
    }
}
