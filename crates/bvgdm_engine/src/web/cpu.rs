//! The engine on the processor: a Web Worker, so that the page never waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use bvgdm_core::{ActionSchema, Frame};
use bvgdm_plan::Context;
use bvgdm_worker::{Left, Start as WorkerStart, WorkerReport, WorkerRequest};
use js_sys::{ArrayBuffer, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::Closure;

use super::networks::Networks;
use super::supervisor::{Supervisor, supervise};
use crate::error::EngineError;
use crate::message::{Begin, EngineReport, EngineRequest, GeneratedFrame, Start, Timings};
use crate::picture::fit;

/// Where the page has the worker, beside itself.
const SCRIPT: &str = "worker/worker.js";

/// A worker that plays one world. It ends when this is dropped.
pub struct CpuEngine(SendWrapper<Worker>);

struct Worker {
    supervisor: Supervisor,
    reports: Rc<RefCell<VecDeque<EngineReport>>>,
    size: [usize; 2],
    /// What the supervisor calls; it lives as long as the worker.
    _weights: Closure<dyn Fn() -> ArrayBuffer>,
    _report: Closure<dyn Fn(String, ArrayBuffer)>,
}

impl CpuEngine {
    /// Starts the worker, which answers `begin` first.
    ///
    /// # Errors
    /// When the manifest cannot be written down for it.
    pub fn start(
        networks: Networks,
        _schema: ActionSchema,
        begin: Begin,
    ) -> Result<Self, EngineError> {
        let manifest = networks.manifest();
        let size = [manifest.config.vae.width, manifest.config.vae.height];
        let text = manifest.to_text()?;
        let reports = Rc::new(RefCell::new(VecDeque::new()));
        let weights = Closure::<dyn Fn() -> ArrayBuffer>::new(move || buffer(networks.weights()));
        let inbox = reports.clone();
        let report = Closure::<dyn Fn(String, ArrayBuffer)>::new(move |head: String, body| {
            if let Some(report) = read(&head, &body) {
                inbox.borrow_mut().push_back(report);
            }
        });
        let worker = Worker {
            supervisor: supervise(SCRIPT, &text, &weights, &report),
            reports,
            size,
            _weights: weights,
            _report: report,
        };
        worker.ask(EngineRequest::Begin(begin));
        Ok(Self(SendWrapper::new(worker)))
    }

    /// Asks for something, without waiting.
    ///
    /// # Errors
    /// None: what the worker cannot do is a report.
    pub fn send(&self, request: EngineRequest) -> Result<(), EngineError> {
        self.0.ask(request);
        Ok(())
    }

    /// The next report, if there is one.
    pub fn try_receive(&mut self) -> Option<EngineReport> {
        self.0.reports.borrow_mut().pop_front()
    }
}

impl std::fmt::Debug for CpuEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CpuEngine").finish_non_exhaustive()
    }
}

impl Worker {
    fn ask(&self, request: EngineRequest) {
        let (request, body) = match request {
            EngineRequest::Begin(Begin { seed, start }) => {
                let (start, body) = match start {
                    Start::Context(context) => return self.resume(&context),
                    Start::Latent(latent) => (WorkerStart::Latent, bytes(&latent)),
                    Start::OfSeed => (WorkerStart::OfSeed, Vec::new()),
                    Start::Picture(picture) => {
                        let [width, height] = self.size;
                        (WorkerStart::Picture, fit(&picture, width, height).rgb)
                    }
                };
                (WorkerRequest::Reset { seed, start }, body)
            }
            EngineRequest::Step { action, sampler } => {
                let sampler = Some(sampler);
                (WorkerRequest::Step { action, sampler }, Vec::new())
            }
            EngineRequest::Leave => (WorkerRequest::Leave, Vec::new()),
        };
        self.supervisor.send(&request.to_json(), &buffer(&body));
    }

    fn resume(&self, context: &Context) {
        let request = WorkerRequest::Resume(Left {
            seed: context.seed,
            frames: context.frames,
            pending: context.pending.clone(),
        });
        let body = buffer(&bytes(&context.memory));
        self.supervisor.send(&request.to_json(), &body);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.supervisor.close();
    }
}

fn buffer(bytes: &[u8]) -> ArrayBuffer {
    Uint8Array::from(bytes).buffer()
}

/// Numbers as a body has them.
fn bytes(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// What the scene has to know of a worker's report.
fn read(head: &str, body: &ArrayBuffer) -> Option<EngineReport> {
    let failed = |reason: String| Some(EngineReport::Failed { reason });
    match serde_json::from_str(head) {
        Ok(WorkerReport::Loaded { .. }) => None,
        Ok(WorkerReport::Failed { reason }) => failed(reason),
        Ok(WorkerReport::Diverged { reason }) => Some(EngineReport::Diverged { reason }),
        Ok(WorkerReport::Left(left)) => {
            let body = Uint8Array::new(body).to_vec();
            let numbers = body.chunks_exact(4);
            let context = Context {
                seed: left.seed,
                frames: left.frames,
                pending: left.pending,
                memory: numbers
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect(),
            };
            Some(EngineReport::Left(Start::Context(Arc::new(context))))
        }
        Ok(WorkerReport::Frame {
            index,
            action,
            width,
            height,
            timings,
        }) => {
            let rgba = Uint8Array::new(body).to_vec();
            let pixels = rgba.chunks_exact(4);
            let rgb = pixels.flat_map(|p| p.iter().take(3).copied()).collect();
            let frame = match Frame::new(width, height, rgb) {
                Ok(frame) => frame,
                Err(error) => return failed(error.to_string()),
            };
            Some(EngineReport::Frame(GeneratedFrame {
                index,
                action,
                frame,
                rgba,
                timings: Timings {
                    denoise_ms: timings.denoise_ms,
                    decode_ms: timings.decode_ms,
                    upload_ms: 0.0,
                },
            }))
        }
        Err(error) => failed(format!("the worker's report: {error}")),
    }
}
