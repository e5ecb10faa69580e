//! Where a roll-out stands, as far as the processor has seen it, and whether its numbers are still numbers.

use std::sync::Arc;

use bvgdm_gpu::GpuLowering;
use bvgdm_plan::{Context, Plan, Rollout};
use web_time::{Duration, Instant};

use super::look::Look;
use crate::engine::Start;

/// From one look to the next: with the frames that a look is on its way, within a second.
const EVERY: Duration = Duration::from_millis(500);
/// Numbers that are brought to the processor so often, at most (16 MB). Of a world that remembers more, the
/// newest latent alone is looked at.
const MOST_NUMBERS: usize = 4 << 20;

/// Looks at what a roll-out remembers now and then.
pub(super) struct Watch {
    look: Look,
    plan: Arc<Plan>,
    /// Where the roll-out stood when it was looked at, but for its memory.
    asked: Option<Context>,
    since: Option<Instant>,
    /// The same, and what was seen of its memory; the newest that was in order.
    seen: Option<(Context, Vec<Vec<f32>>)>,
    diverged: Option<u64>,
}

impl Watch {
    pub fn new(lowering: &GpuLowering, plan: &Arc<Plan>) -> Self {
        let mut looked_at = match remembers_little(plan) {
            true => plan.memory(),
            false => vec![plan.state.last],
        };
        looked_at.push(plan.state.pixels);
        Self {
            look: Look::new(lowering, &looked_at),
            plan: plan.clone(),
            asked: None,
            since: None,
            seen: None,
            diverged: None,
        }
    }

    /// Another roll-out begins: what is on its way is of the last one.
    pub fn restart(&mut self) {
        self.asked = None;
        self.since = None;
        self.seen = None;
        self.diverged = None;
    }

    /// Looks at what has arrived.
    pub fn look(&mut self) {
        let Some(mut memory) = self.look.take() else {
            return;
        };
        let Some(asked) = self.asked.take() else {
            return;
        };
        let pixels = memory.pop();
        // The newest latent is made of all the rest.
        let mut newest = memory.iter().take(1).chain(&pixels).flatten();
        if newest.all(|value| value.is_finite()) {
            self.seen = Some((asked, memory));
        } else {
            let frame = asked.frames.saturating_sub(1);
            self.diverged.get_or_insert(frame);
        }
    }

    /// Has the newest frame looked at, if it is time to.
    pub fn ask(
        &mut self,
        lowering: &GpuLowering,
        encoder: &mut wgpu::CommandEncoder,
        rollout: &Rollout,
    ) {
        let due = self.since.is_none_or(|since| since.elapsed() >= EVERY);
        if due && self.look.is_idle() {
            self.look.ask(lowering, encoder);
            self.asked = Some(rollout.context(Vec::new()));
            self.since = Some(Instant::now());
        }
    }

    /// The newest frame that was seen to be in order.
    pub fn seen(&self) -> Option<u64> {
        let (context, _) = self.seen.as_ref()?;
        Some(context.frames.saturating_sub(1))
    }

    /// Where the roll-out was seen last in order: all that it remembers, or its newest latent.
    pub fn last_seen(&self) -> Option<Start> {
        let (context, memory) = self.seen.as_ref()?;
        let memory = memory.concat();
        Some(match remembers_little(&self.plan) {
            true => Start::Context(Arc::new(Context {
                memory,
                ..context.clone()
            })),
            false => Start::Latent(self.plan.to_latent(&memory).into()),
        })
    }

    /// The frame whose numbers were none.
    pub fn diverged(&self) -> Option<u64> {
        self.diverged
    }
}

fn remembers_little(plan: &Plan) -> bool {
    let buffers = plan.memory().into_iter().map(|id| plan.buffer(id));
    buffers.map(|b| b.rows * b.columns).sum::<usize>() <= MOST_NUMBERS
}
