//! The thread that burn works on: model, tensors and their ends stay there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use burn::tensor::StreamId;
use burn_wgpu::{Wgpu, WgpuDevice};
use bvgdm_core::{ActionVector, WorldManifest};
use bvgdm_model::World;

use super::picture::{Kept, Packed, pack};
use crate::{Begin, EngineError, EngineReport, EngineRequest, ModuleRollout, Start};

/// From one look at the numbers to the next: a look waits for the GPU.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Burn keeps queues and memory by thread, and for good. All of ours are one to it: what a world that has ended
/// leaves is the next one's, and of several worlds none reads what another's queue has not written yet.
const STREAM: StreamId = StreamId { value: 0 };

/// What the thread plays.
pub struct Source {
    /// The world.
    pub manifest: Arc<WorldManifest>,
    /// Its weights, as they stand in the file.
    pub weights: Arc<[u8]>,
    /// Burn's name for the device.
    pub device: WgpuDevice,
    /// The first frame.
    pub begin: Begin,
}

/// What the thread says.
pub enum Answer {
    /// A picture to be copied to the scene's texture.
    Drawn(Drawn),
    /// The latent of the frame of this number, which is the newest, was in order.
    Seen(u64, Arc<[f32]>),
    /// Anything else.
    Report(EngineReport),
}

/// A picture that the GPU is about to finish.
pub struct Drawn {
    /// Where.
    pub picture: Packed,
    /// 0 for the frame that the roll-out began with, then counting up.
    pub index: u64,
    /// What was held on the way to it.
    pub action: ActionVector,
    /// When it was asked for.
    pub begun: Instant,
}

struct Thread {
    rollout: ModuleRollout<Wgpu>,
    looked: Instant,
    answers: SyncSender<Answer>,
    /// The last picture, which the GPU may still be reading.
    kept: Option<Kept>,
}

/// Plays until nobody asks any more, or until something is wrong.
pub fn play(source: Source, asked: &Receiver<EngineRequest>, answers: &SyncSender<Answer>) {
    let outcome = STREAM.executes(|| guarded(|| run(source, asked, answers)));
    if let Err(error) = outcome {
        let reason = error.to_string();
        let report = EngineReport::Failed { reason };
        answers.send(Answer::Report(report)).ok();
    }
}

fn run(
    source: Source,
    asked: &Receiver<EngineRequest>,
    answers: &SyncSender<Answer>,
) -> Result<(), EngineError> {
    let Source {
        manifest,
        weights,
        device,
        begin,
    } = source;
    let begun = Instant::now();
    let world = World::<Wgpu>::from_bytes(&manifest, &weights, &device);
    let world = Arc::new(world.map_err(|error| EngineError::Panicked(error.to_string()))?);
    let mut thread = Thread {
        rollout: ModuleRollout::new(world, manifest.schema.clone(), &begin),
        looked: begun,
        answers: answers.clone(),
        kept: None,
    };
    thread.show(thread.rollout.still(), begun)?;
    while let Ok(request) = asked.recv() {
        match thread.answer(request) {
            Err(error @ EngineError::NotFinite { .. }) => {
                let reason = error.to_string();
                thread.report(EngineReport::Diverged { reason });
            }
            other => other?,
        }
    }
    Ok(())
}

impl Thread {
    fn answer(&mut self, request: EngineRequest) -> Result<(), EngineError> {
        let begun = Instant::now();
        let action = match request {
            EngineRequest::Begin(begin) => {
                self.rollout.begin(&begin);
                self.rollout.still()
            }
            EngineRequest::Step { action, sampler } => {
                self.rollout.step(&action, sampler)?;
                action
            }
            EngineRequest::Leave => {
                let latent = self.rollout.numbers()?.into();
                self.report(EngineReport::Left(Start::Latent(latent)));
                return Ok(());
            }
        };
        self.show(action, begun)
    }

    /// Has the newest latent drawn. The next request comes when that has been copied, so the last
    /// picture's memory is free by now.
    fn show(&mut self, action: ActionVector, begun: Instant) -> Result<(), EngineError> {
        if self.looked.elapsed() >= LOOK_EVERY {
            self.looked = Instant::now();
            let seen = self.rollout.numbers()?.into();
            let seen = Answer::Seen(self.rollout.index(), seen);
            self.answers.send(seen).ok();
        }
        self.kept = None;
        let world = self.rollout.world();
        let pixels = world.vae.decode(self.rollout.latent());
        let (picture, kept) = pack(pixels).map_err(EngineError::Panicked)?;
        self.kept = Some(kept);
        let drawn = Drawn {
            picture,
            index: self.rollout.index(),
            action,
            begun,
        };
        self.answers.send(Answer::Drawn(drawn)).ok();
        Ok(())
    }

    fn report(&self, report: EngineReport) {
        self.answers.send(Answer::Report(report)).ok();
    }
}

/// A panic below us ends this world, not the game.
fn guarded<T>(work: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let reason = "burn panicked; the log says why".to_owned();
        Err(EngineError::Panicked(reason))
    })
}
