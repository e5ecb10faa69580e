//! The engine on the processor: a thread of its own, so that the scene never waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use bvgdm_core::ActionSchema;

use super::networks::Networks;
use super::player::Player;
use crate::error::EngineError;
use crate::message::{Begin, EngineReport, EngineRequest};

/// Requests that may wait; a scene keeps to one at a time.
const QUEUE: usize = 2;

/// A thread that plays one world. It ends when this is dropped.
pub struct CpuEngine {
    requests: SyncSender<EngineRequest>,
    reports: Mutex<Receiver<EngineReport>>,
}

impl CpuEngine {
    /// Starts the thread, which answers `begin` first. Several engines may share their
    /// networks.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        networks: Networks,
        schema: ActionSchema,
        begin: Begin,
    ) -> Result<Self, EngineError> {
        let (requests, asked) = sync_channel(QUEUE);
        let (answer, reports) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("bvgdm-cpu-engine".to_owned())
            .spawn(move || play(&networks, schema, begin, &asked, &answer))?;
        Ok(Self {
            requests,
            reports: Mutex::new(reports),
        })
    }

    /// Asks for something, without waiting.
    ///
    /// # Errors
    /// [`EngineError::Busy`] or [`EngineError::Ended`].
    pub fn send(&self, request: EngineRequest) -> Result<(), EngineError> {
        self.requests
            .try_send(request)
            .map_err(|error| match error {
                TrySendError::Full(_) => EngineError::Busy,
                TrySendError::Disconnected(_) => EngineError::Ended,
            })
    }

    /// The next report, if there is one, without waiting.
    pub fn try_receive(&mut self) -> Option<EngineReport> {
        match self.reports().try_recv() {
            Ok(report) => Some(report),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(EngineReport::Failed {
                reason: EngineError::Ended.to_string(),
            }),
        }
    }

    /// Waits for the next report: for tools that have no scene to keep going.
    pub fn receive(&mut self) -> EngineReport {
        self.reports()
            .recv()
            .unwrap_or_else(|_| EngineReport::Failed {
                reason: EngineError::Ended.to_string(),
            })
    }
}

impl CpuEngine {
    /// `&mut self` has it alone: nothing is locked.
    fn reports(&mut self) -> &mut Receiver<EngineReport> {
        self.reports
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for CpuEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CpuEngine").finish_non_exhaustive()
    }
}

/// The thread: one answer for each request, until an error or until nobody listens.
fn play(
    networks: &Networks,
    schema: ActionSchema,
    begin: Begin,
    asked: &Receiver<EngineRequest>,
    answer: &SyncSender<EngineReport>,
) {
    let first = guarded(|| Player::new(networks, schema, begin));
    let (mut player, mut outcome) = match first {
        Ok((player, frame)) => (player, Ok(EngineReport::Frame(frame))),
        Err(error) => {
            answer.send(failed(&error)).ok();
            return;
        }
    };
    loop {
        let (report, ended) = match outcome {
            Ok(report) => (report, false),
            // A new beginning helps.
            Err(error @ EngineError::NotFinite { .. }) => {
                let reason = error.to_string();
                (EngineReport::Diverged { reason }, false)
            }
            Err(error) => (failed(&error), true),
        };
        if answer.send(report).is_err() || ended {
            return;
        }
        let Ok(request) = asked.recv() else { return };
        outcome = guarded(|| player.answer(request));
    }
}

fn failed(error: &EngineError) -> EngineReport {
    EngineReport::Failed {
        reason: error.to_string(),
    }
}

/// A panic below us ends this world, not the game.
fn guarded<T>(work: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Err(EngineError::Panicked(
            text.unwrap_or_else(|| "for an unknown reason".to_owned()),
        ))
    })
}
