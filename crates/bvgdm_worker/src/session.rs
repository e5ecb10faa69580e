//! Requests in, reports out: all of a worker but the port that they go through.

use bvgdm_core::{ActionVector, WorldManifest};
use bvgdm_plan::Context;
use bvgdm_plan::cpu::Products;

use crate::error::WorkerError;
use crate::message::{Left, Start, WorkerReport, WorkerRequest};
use crate::player::{Drawn, Player};

/// Milliseconds since any moment: a browser's clock is not the standard library's.
pub type Clock = fn() -> f64;

/// A report and its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The head.
    pub report: WorkerReport,
    /// The body: a frame's picture, else nothing.
    pub body: Vec<u8>,
}

/// What a worker remembers from request to request.
#[derive(Debug)]
pub struct Session {
    clock: Clock,
    player: Option<Player>,
}

impl Session {
    /// A worker without a world.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            player: None,
        }
    }

    /// Answers a message; what cannot be answered is a [`WorkerReport::Failed`], or a
    /// [`WorkerReport::Diverged`] after which a reset helps.
    pub fn answer(&mut self, head: &str, body: Vec<u8>) -> Answer {
        serde_json::from_str(head)
            .map_err(WorkerError::from)
            .and_then(|request| self.try_answer(request, body))
            .unwrap_or_else(|error| {
                let reason = error.to_string();
                Answer {
                    report: match error {
                        WorkerError::NotFinite { frame: 1.. } => WorkerReport::Diverged { reason },
                        _ => WorkerReport::Failed { reason },
                    },
                    body: Vec::new(),
                }
            })
    }

    fn try_answer(&mut self, request: WorkerRequest, body: Vec<u8>) -> Result<Answer, WorkerError> {
        match request {
            WorkerRequest::Load { manifest } => self.load(&manifest, body),
            WorkerRequest::Reset { seed, start } => {
                let player = self.player()?;
                let drawn = match start {
                    Start::OfSeed => player.begin(seed)?,
                    Start::Picture => player.begin_in_picture(seed, body)?,
                    Start::Latent => player.begin_in_latent(seed, &floats(&body))?,
                };
                let action = player.schema().zeros();
                Ok(frame(drawn, action))
            }
            WorkerRequest::Step { action, sampler } => {
                let player = self.player()?;
                let sampler = sampler.unwrap_or_else(|| player.sampler());
                let drawn = player.step(&action, &sampler)?;
                Ok(frame(drawn, action))
            }
            WorkerRequest::Leave => {
                let Context {
                    seed,
                    frames,
                    pending,
                    memory,
                } = self.player()?.leave();
                let left = Left {
                    seed,
                    frames,
                    pending,
                };
                Ok(Answer {
                    report: WorkerReport::Left(left),
                    body: memory.into_iter().flat_map(f32::to_le_bytes).collect(),
                })
            }
            WorkerRequest::Resume(left) => {
                let player = self.player()?;
                let drawn = player.resume(&Context {
                    seed: left.seed,
                    frames: left.frames,
                    pending: left.pending,
                    memory: floats(&body),
                })?;
                let action = player.schema().zeros();
                Ok(frame(drawn, action))
            }
        }
    }

    fn load(&mut self, manifest: &str, weights: Vec<u8>) -> Result<Answer, WorkerError> {
        let begun = (self.clock)();
        // The old world first: there may not be memory for two.
        self.player = None;
        let manifest = WorldManifest::parse(manifest.as_bytes())?;
        self.player = Some(Player::new(
            &manifest,
            weights,
            Products::Suited,
            self.clock,
        )?);
        let report = WorkerReport::Loaded {
            name: manifest.name,
            load_ms: (self.clock)() - begun,
        };
        Ok(Answer {
            report,
            body: Vec::new(),
        })
    }

    fn player(&mut self) -> Result<&mut Player, WorkerError> {
        self.player.as_mut().ok_or(WorkerError::NoWorld)
    }
}

/// Numbers as a body has them.
fn floats(body: &[u8]) -> Vec<f32> {
    let numbers = body.chunks_exact(4);
    numbers
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

fn frame(drawn: Drawn, action: ActionVector) -> Answer {
    let (width, height) = (drawn.frame.width, drawn.frame.height);
    Answer {
        report: WorkerReport::Frame {
            index: drawn.index,
            action,
            width,
            height,
            timings: drawn.timings,
        },
        body: drawn.frame.to_rgba(),
    }
}
