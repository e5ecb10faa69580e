//! How many passes of a generated frame fit into a frame of the scene.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use web_time::Instant;

/// Milliseconds a pass before anything was measured.
const FIRST_GUESS_MS: f64 = 0.05;
/// Share of the newest measurement in the averages.
const SHARE: f64 = 0.3;
/// Slices from one measurement of the scene by itself to the next.
const SCENE_EVERY: u32 = 8;

/// Cuts a generated frame into slices that keep to a budget: what a frame of the scene takes longer
/// with a slice than without one, by the wall clock, since not every device has timestamps.
pub(super) struct Pace {
    clock: Instant,
    pass_ms: f64,
    scene_ms: f64,
    slices: u32,
    flight: Option<Flight>,
}

/// A frame of the scene that the GPU has not finished.
struct Flight {
    /// Passes in it; none to measure the scene by itself.
    passes: usize,
    sent: Instant,
    watched: bool,
    /// Microseconds of `Pace::clock` when it was done, 0 before that.
    done: Arc<AtomicU64>,
}

impl Pace {
    pub fn new() -> Self {
        Self {
            clock: Instant::now(),
            pass_ms: FIRST_GUESS_MS,
            scene_ms: 0.0,
            slices: 0,
            flight: None,
        }
    }

    /// Passes that may be encoded now; none while the last slice is under way.
    pub fn allowance(&mut self, queue: &wgpu::Queue, budget_ms: f64) -> usize {
        if let Some(flight) = &mut self.flight {
            if !flight.watched {
                // It was submitted at the end of the frame that encoded it.
                let (done, clock) = (flight.done.clone(), self.clock);
                queue.on_submitted_work_done(move || {
                    done.store(clock.elapsed().as_micros().max(1) as u64, Ordering::Release);
                });
                flight.watched = true;
            }
            match flight.done.load(Ordering::Acquire) {
                0 => return 0,
                done => {
                    let sent = flight.sent.duration_since(self.clock).as_secs_f64() * 1e3;
                    let (passes, took) = (flight.passes, (done as f64 / 1e3 - sent).max(0.0));
                    self.flight = None;
                    self.learn(passes, took);
                }
            }
        }
        if self.slices.is_multiple_of(SCENE_EVERY) {
            self.slices += 1;
            self.send(0);
            return 0;
        }
        self.slices += 1;
        ((budget_ms / self.pass_ms.max(1e-6)) as usize).max(1)
    }

    /// A slice of this many passes was encoded.
    pub fn send(&mut self, passes: usize) {
        self.flight = Some(Flight {
            passes,
            sent: Instant::now(),
            watched: false,
            done: Arc::new(AtomicU64::new(0)),
        });
    }

    fn learn(&mut self, passes: usize, took_ms: f64) {
        if passes == 0 {
            let share = if self.scene_ms == 0.0 { 1.0 } else { SHARE };
            self.scene_ms += share * (took_ms - self.scene_ms);
        } else {
            let pass_ms = (took_ms - self.scene_ms).max(0.0) / passes as f64;
            self.pass_ms += SHARE * (pass_ms - self.pass_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_charged_with_what_the_scene_takes_longer() {
        let mut pace = Pace::new();
        pace.learn(0, 10.0);
        for _ in 0..50 {
            pace.learn(20, 50.0);
        }
        assert!((pace.pass_ms - 2.0).abs() < 1e-3, "{}", pace.pass_ms);
        // The scene alone became slower: no reason to cut the slices.
        for _ in 0..50 {
            pace.learn(0, 30.0);
            pace.learn(20, 70.0);
        }
        assert!((pace.pass_ms - 2.0).abs() < 1e-3, "{}", pace.pass_ms);
    }
}
