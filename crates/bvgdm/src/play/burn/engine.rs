//! A thread of burn's and the render graph that shows its pictures.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::BurnDevices;
use crate::engine::on_wgpu::{Answer, Drawn, Source, play};
use crate::engine::{Begin, EngineError, EngineReport, EngineRequest, Start, Timings};
use crate::play::asset::WorldAsset;
use crate::play::engine::GpuEngine;
use crate::play::passes::pace::Landing;
use crate::play::passes::{Demand, DeviceMark, Parts, Slice};

/// Messages that may wait; a scene keeps to one request at a time.
const QUEUE: usize = 4;
/// Burn may panic when its device is lost, before the game has heard of it: until then its end may be no fault
/// of the world's.
const GRACE: Duration = Duration::from_secs(1);

/// A world on burn's kernels.
struct BurnEngine {
    device: DeviceMark,
    requests: SyncSender<EngineRequest>,
    state: Mutex<State>,
}

struct State {
    answers: Receiver<Answer>,
    reports: VecDeque<EngineReport>,
    /// The end, and when it came.
    ended: Option<(Instant, EngineReport)>,
    seen: Option<(u64, Arc<[f32]>)>,
    drawn: Option<Drawn>,
    /// A picture whose copy the GPU has not finished.
    flight: Option<Flight>,
}

struct Flight {
    drawn: Drawn,
    landing: Landing,
}

/// Starts a thread that plays this asset.
///
/// # Errors
/// When the asset has been read without its weights, or the system gives no thread.
pub(in crate::play) fn start(
    devices: &BurnDevices,
    parts: &Parts,
    asset: &WorldAsset,
    begin: Begin,
) -> Result<Arc<dyn GpuEngine>, String> {
    let weights = asset.weights().ok_or("its weights are not kept")?;
    let source = Source {
        manifest: asset.manifest().clone(),
        weights: weights.clone(),
        device: devices.get(parts),
        begin,
    };
    let (requests, asked) = sync_channel(QUEUE);
    let (answer, answers) = sync_channel(QUEUE);
    thread::Builder::new()
        .name("bvgdm-burn-engine".to_owned())
        .spawn(move || play(source, &asked, &answer))
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(BurnEngine {
        device: parts.mark.clone(),
        requests,
        state: Mutex::new(State {
            answers,
            reports: VecDeque::new(),
            ended: None,
            seen: None,
            drawn: None,
            flight: None,
        }),
    }))
}

impl BurnEngine {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GpuEngine for BurnEngine {
    fn device(&self) -> &DeviceMark {
        &self.device
    }

    fn send(&self, request: EngineRequest) -> Result<(), EngineError> {
        if matches!(request, EngineRequest::Begin(_)) {
            // What was seen is of a roll-out that ends now.
            let mut state = self.lock();
            state.listen();
            state.seen = None;
        }
        let sent = self.requests.try_send(request);
        sent.map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Busy,
            TrySendError::Disconnected(_) => EngineError::Ended,
        })
    }

    fn try_receive(&self) -> Option<EngineReport> {
        let mut state = self.lock();
        state.listen();
        let report = state.reports.pop_front();
        report.or_else(|| {
            let (_, end) = state.ended.take_if(|(at, _)| at.elapsed() >= GRACE)?;
            Some(end)
        })
    }

    fn last_seen(&self) -> Option<Start> {
        let (_, latent) = self.lock().seen.clone()?;
        Some(Start::Latent(latent))
    }

    fn seen(&self) -> Option<u64> {
        self.lock().seen.as_ref().map(|(frame, _)| *frame)
    }

    /// Burn submits a frame as a whole.
    fn set_budget(&self, _budget_ms: f64) {}

    /// A picture to be copied; what burn computes is submitted by itself.
    fn demand(&self, _encoder: &mut wgpu::CommandEncoder) -> Option<Demand> {
        let mut state = self.lock();
        state.listen();
        state.land();
        state.drawn.as_ref().map(|_| Demand {
            passes: 0,
            of: 0,
            budget_ms: 0.0,
        })
    }

    fn work(
        &self,
        slice: &mut Slice<'_>,
        _passes: usize,
        texture: &wgpu::Texture,
        _view: &wgpu::TextureView,
    ) -> usize {
        let mut state = self.lock();
        if let Some(drawn) = state.drawn.take() {
            slice.span("copy", |encoder| copy(encoder, &drawn, texture));
            let landing = slice.landing.clone();
            state.flight = Some(Flight { drawn, landing });
        }
        0
    }
}

impl State {
    fn listen(&mut self) {
        while let Ok(answer) = self.answers.try_recv() {
            match answer {
                Answer::Drawn(drawn) => self.drawn = Some(drawn),
                Answer::Seen(frame, latent) => self.seen = Some((frame, latent)),
                Answer::Report(end @ EngineReport::Failed { .. }) => {
                    self.ended = Some((Instant::now(), end));
                }
                Answer::Report(report) => self.reports.push_back(report),
            }
        }
    }

    /// Reports a picture once the GPU has copied it: what it takes is counted, and no frame is asked
    /// for before the last is there.
    fn land(&mut self) {
        let landed = |flight: &mut Flight| flight.landing.done().is_some();
        let Some(Flight { drawn, landing }) = self.flight.take_if(landed) else {
            return;
        };
        let took = landing
            .done()
            .map(|done| done.saturating_duration_since(drawn.begun));
        self.reports.push_back(EngineReport::Shown {
            index: drawn.index,
            action: drawn.action,
            timings: Timings {
                denoise_ms: took.unwrap_or_default().as_secs_f64() * 1e3,
                ..Timings::default()
            },
        });
    }
}

fn copy(encoder: &mut wgpu::CommandEncoder, drawn: &Drawn, texture: &wgpu::Texture) {
    let picture = &drawn.picture;
    encoder.copy_buffer_to_texture(
        wgpu::TexelCopyBufferInfo {
            buffer: &picture.buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: picture.offset,
                bytes_per_row: Some(picture.stride),
                rows_per_image: None,
            },
        },
        texture.as_image_copy(),
        texture.size(),
    );
}

impl std::fmt::Debug for BurnEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BurnEngine").finish_non_exhaustive()
    }
}
