//! How many passes of a generated frame fit into a frame of the scene.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use web_time::Instant;

/// Milliseconds a pass before anything was measured.
const FIRST_GUESS_MS: f64 = 0.05;
/// Share of the newest measurement in the averages.
const SHARE: f64 = 0.3;
/// Slices from one measurement of the scene by itself to the next.
const SCENE_EVERY: u32 = 8;
/// Slices under way at once: while the GPU works on one, the next frame of the scene is encoded.
const UNDER_WAY: usize = 2;

/// Cuts a generated frame into slices that keep to a budget: what a frame of the scene takes longer
/// with a slice than without one, by the wall clock, since not every device has timestamps.
pub(super) struct Pace {
    clock: Instant,
    pass_ms: f64,
    scene_ms: f64,
    slices: u32,
    /// Frames of the scene that the GPU has not finished, the oldest first.
    flights: VecDeque<Flight>,
    /// When the newest finished one was done, in milliseconds of the clock.
    last_done_ms: f64,
}

/// A frame of the scene under way.
struct Flight {
    /// Passes in it; none to measure the scene by itself.
    passes: usize,
    sent_ms: f64,
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
            flights: VecDeque::new(),
            last_done_ms: 0.0,
        }
    }

    /// Passes that may be encoded now; none while slices enough are under way.
    pub fn allowance(&mut self, queue: &wgpu::Queue, budget_ms: f64) -> usize {
        self.watch(queue);
        self.land();
        if self.flights.len() >= UNDER_WAY {
            return 0;
        }
        self.slices += 1;
        if self.slices % SCENE_EVERY == 1 {
            self.send(0);
            return 0;
        }
        self.passes_within(budget_ms)
    }

    /// A slice of this many passes was encoded.
    pub fn send(&mut self, passes: usize) {
        self.flights.push_back(Flight {
            passes,
            sent_ms: self.clock.elapsed().as_secs_f64() * 1e3,
            watched: false,
            done: Arc::new(AtomicU64::new(0)),
        });
    }

    /// A slow device is not left to a slow scene: passes may take as long as the scene does.
    fn passes_within(&self, budget_ms: f64) -> usize {
        let budget_ms = budget_ms.max(self.scene_ms);
        ((budget_ms / self.pass_ms.max(1e-6)) as usize).max(1)
    }

    /// What was encoded in an earlier frame has been submitted at that frame's end.
    fn watch(&mut self, queue: &wgpu::Queue) {
        for flight in self.flights.iter_mut().filter(|flight| !flight.watched) {
            let (done, clock) = (flight.done.clone(), self.clock);
            queue.on_submitted_work_done(move || {
                done.store(clock.elapsed().as_micros().max(1) as u64, Ordering::Release);
            });
            flight.watched = true;
        }
    }

    /// Learns from the frames that are done.
    fn land(&mut self) {
        while let Some(flight) = self.flights.front() {
            let done_ms = match flight.done.load(Ordering::Acquire) {
                0 => return,
                done => done as f64 / 1e3,
            };
            // The device did not begin with it before the one ahead was done.
            let begun_ms = flight.sent_ms.max(self.last_done_ms);
            let passes = flight.passes;
            self.flights.pop_front();
            self.last_done_ms = done_ms;
            self.learn(passes, (done_ms - begun_ms).max(0.0));
        }
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

    #[test]
    fn passes_may_take_as_long_as_the_scene_does() {
        let mut pace = Pace::new();
        pace.learn(0, 40.0);
        for _ in 0..50 {
            pace.learn(10, 60.0);
        }
        assert_eq!(pace.passes_within(8.0), 20);
        assert_eq!(pace.passes_within(100.0), 50);
    }

    #[test]
    fn a_slice_that_waits_for_the_one_ahead_is_not_charged_with_the_wait() {
        let mut pace = Pace::new();
        pace.learn(0, 1.0);
        for _ in 0..40 {
            pace.send(10);
        }
        // Sent at once, done one after the other, 21 ms each.
        for (i, flight) in pace.flights.iter().enumerate() {
            let done = flight.sent_ms.max(0.0) * 1e3 + 21_000.0 * (i + 1) as f64;
            flight.done.store(done as u64, Ordering::Release);
        }
        pace.land();
        assert!(pace.flights.is_empty());
        assert!((pace.pass_ms - 2.0).abs() < 0.05, "{}", pace.pass_ms);
    }
}
