//! Whether a roll-out's numbers are still numbers.

use std::sync::Arc;

use bvgdm_gpu::GpuLowering;
use bvgdm_plan::Plan;
use web_time::{Duration, Instant};

use super::look::Look;

/// From one look to the next: with the frames that a look is on its way, well within a second.
const EVERY: Duration = Duration::from_millis(300);

/// Looks at the newest latent now and then.
pub(super) struct Watch {
    look: Look,
    /// The frame that is looked at.
    index: u64,
    asked: Option<Instant>,
    /// The newest latent that was in order.
    seen: Option<Arc<[f32]>>,
    diverged: Option<u64>,
}

impl Watch {
    pub fn new(lowering: &GpuLowering, plan: &Plan) -> Self {
        Self {
            look: Look::new(lowering, &[plan.state.last]),
            index: 0,
            asked: None,
            seen: None,
            diverged: None,
        }
    }

    /// Looks at what has arrived.
    pub fn look(&mut self) {
        let Some(latent) = self.look.take().and_then(|mut latents| latents.pop()) else {
            return;
        };
        if latent.iter().all(|value| value.is_finite()) {
            self.seen = Some(latent.into());
        } else {
            self.diverged.get_or_insert(self.index);
        }
    }

    /// Asks for the latent of frame `index`, if it is time to.
    pub fn ask(&mut self, lowering: &GpuLowering, encoder: &mut wgpu::CommandEncoder, index: u64) {
        let due = self.asked.is_none_or(|asked| asked.elapsed() >= EVERY);
        if due && self.look.is_idle() {
            self.look.ask(lowering, encoder);
            self.index = index;
            self.asked = Some(Instant::now());
        }
    }

    /// The newest latent that was in order.
    pub fn last_seen(&self) -> Option<Arc<[f32]>> {
        self.seen.clone()
    }

    /// The frame whose numbers were none.
    pub fn diverged(&self) -> Option<u64> {
        self.diverged
    }
}
