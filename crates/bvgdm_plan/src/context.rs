//! A roll-out between two frames, as it goes from one lowering to another.

use crate::error::{PlanError, Result};
use crate::pass::{Linear, PassKind, Target};
use crate::plan::{BufferId, Plan, Stage, State};

/// All that a roll-out keeps from frame to frame. Whoever goes on with it draws the frames that would
/// have been drawn, as far as its numbers are as exact.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// Chooses the noise.
    pub seed: u64,
    /// Frames so far, the first among them.
    pub frames: u64,
    /// The action that led to the newest frame, normalised.
    pub pending: Vec<f32>,
    /// What the buffers of [`Plan::memory`] hold, each row-major, behind each other.
    pub memory: Vec<f32>,
}

impl Plan {
    /// The buffers that a frame leaves to the next one: the newest latent first, the one before it,
    /// the context, and the [`rings`](Self::rings).
    pub fn memory(&self) -> Vec<BufferId> {
        let State {
            last,
            before,
            context,
            ..
        } = self.state;
        let latents = [last, before, context].into_iter();
        latents.chain(self.rings()).collect()
    }

    /// Each block's ring of queries, keys and values.
    pub fn rings(&self) -> Vec<BufferId> {
        let passes = self.passes(Stage::Commit).iter();
        let rings = passes.filter_map(|pass| match &pass.kind {
            PassKind::Linear(Linear {
                output: Target::Ring(ring),
                ..
            }) => Some(*ring),
            _ => None,
        });
        rings.collect()
    }
}

impl Context {
    /// The newest latent, `[channels, rows, columns]`.
    ///
    /// # Errors
    /// When the context is of a plan of another shape.
    pub fn latent(&self, plan: &Plan) -> Result<Vec<f32>> {
        self.check(plan)?;
        Ok(plan.to_latent(&self.memory[..plan.latent_len()]))
    }

    /// Compares it with a plan.
    pub(crate) fn check(&self, plan: &Plan) -> Result<()> {
        let buffers = plan.memory().into_iter().map(|id| plan.buffer(id));
        let numbers = buffers.map(|b| b.rows * b.columns).sum::<usize>();
        let expected = [plan.config.dit.actions, numbers];
        let found = [self.pending.len(), self.memory.len()];
        if expected == found {
            return Ok(());
        }
        let words =
            |[actions, numbers]: [usize; 2]| format!("{actions} actions, {numbers} numbers");
        Err(PlanError::Context {
            expected: words(expected),
            found: words(found),
        })
    }
}
