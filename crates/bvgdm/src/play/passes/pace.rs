//! How many passes of a generated frame fit into a frame of the scene.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;

/// Milliseconds a pass before anything was measured.
const FIRST_GUESS_MS: f64 = 0.05;
/// Share of the newest measurement in the average.
const SHARE: f64 = 0.3;

/// Cuts a generated frame into slices that keep to a budget.
pub(super) struct Pace {
    begun: Instant,
    pass_ms: f64,
    flight: Option<Flight>,
}

/// A slice that the GPU has not finished.
struct Flight {
    passes: usize,
    sent: Instant,
    watched: bool,
    /// Microseconds since `Pace::begun` when it was done, 0 before that.
    done: Arc<AtomicU64>,
}

impl Pace {
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            pass_ms: FIRST_GUESS_MS,
            flight: None,
        }
    }

    /// Passes that may be encoded now; none while the last slice is under way.
    pub fn allowance(&mut self, queue: &wgpu::Queue, budget_ms: f64) -> usize {
        if let Some(flight) = &mut self.flight {
            if !flight.watched {
                // The slice was submitted at the end of the frame that encoded it.
                let (done, begun) = (flight.done.clone(), self.begun);
                queue.on_submitted_work_done(move || {
                    done.store(begun.elapsed().as_micros().max(1) as u64, Ordering::Release);
                });
                flight.watched = true;
            }
            match flight.done.load(Ordering::Acquire) {
                0 => return 0,
                done => {
                    let sent = flight.sent.duration_since(self.begun).as_secs_f64() * 1e3;
                    let took = (done as f64 / 1e3 - sent).max(0.0) / flight.passes.max(1) as f64;
                    self.pass_ms += SHARE * (took - self.pass_ms);
                    self.flight = None;
                }
            }
        }
        ((budget_ms / self.pass_ms.max(1e-6)) as usize).max(1)
    }

    /// A slice of this many passes was encoded.
    pub fn sent(&mut self, passes: usize) {
        self.flight = Some(Flight {
            passes,
            sent: Instant::now(),
            watched: false,
            done: Arc::new(AtomicU64::new(0)),
        });
    }
}
