//! One roll-out of one world, frame by frame, on the caller's thread.

mod modules;
mod plan;

use std::time::Instant;

use burn_flex::Flex;
use bvgdm_core::{ActionSchema, ActionVector, Frame};

use super::networks::Networks;
use crate::error::EngineError;
use crate::message::{Begin, EngineReport, EngineRequest, GeneratedFrame, Timings};
use modules::ModulePlayer;
#[cfg(feature = "burn-wgpu")]
pub(crate) use modules::ModuleRollout;
use plan::PlanPlayer;

/// Draws the frames that an [`EngineRequest`] asks for.
pub struct Player(Kind);

enum Kind {
    Plan(Box<PlanPlayer>),
    Modules(Box<ModulePlayer<Flex>>),
}

impl Player {
    /// Begins a roll-out, and returns its first frame too.
    ///
    /// # Errors
    /// See [`answer`](Self::answer).
    pub fn new(
        networks: &Networks,
        schema: ActionSchema,
        begin: Begin,
    ) -> Result<(Self, GeneratedFrame), EngineError> {
        match networks {
            Networks::Plan(plan) => {
                let (player, frame) = PlanPlayer::new(plan.clone(), schema, begin)?;
                Ok((Self(Kind::Plan(Box::new(player))), frame))
            }
            Networks::Modules(world, _) => {
                let (player, frame) = ModulePlayer::new(world.clone(), schema, begin)?;
                Ok((Self(Kind::Modules(Box::new(player))), frame))
            }
        }
    }

    /// Does what is asked for.
    ///
    /// # Errors
    /// When an action or a setting is outside what the world can take, or the network's output is
    /// not finite. After [`EngineError::NotFinite`] another beginning helps.
    pub fn answer(&mut self, request: EngineRequest) -> Result<EngineReport, EngineError> {
        match &mut self.0 {
            Kind::Plan(player) => player.answer(request),
            Kind::Modules(player) => player.answer(request),
        }
    }
}

/// A generated frame of these pixels.
fn generated(
    index: u64,
    action: ActionVector,
    frame: Frame,
    denoise_ms: f64,
    decoding: Instant,
) -> GeneratedFrame {
    let rgba = frame.to_rgba();
    GeneratedFrame {
        index,
        action,
        frame,
        rgba,
        timings: Timings {
            denoise_ms,
            decode_ms: milliseconds(decoding),
            upload_ms: 0.0,
        },
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
