//! One world on the GPU: asked from the scene, run in the render graph.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bvgdm_core::{ActionSchema, ActionVector};
use bvgdm_gpu::{GpuLowering, GpuWorld, Presenter, Probe};
use bvgdm_plan::{Lowering as _, Rollout, Stage, StepInput};
use web_time::Instant;

use super::pace::Pace;
use crate::engine::{Begin, EngineError, EngineReport, EngineRequest, Start, Timings, fit};

/// Milliseconds of a scene's frame for passes: half of one at 60 a second.
pub(in crate::play) const DEFAULT_BUDGET_MS: f64 = 8.0;
/// Frames from one look at the numbers to the next.
const PROBE_EVERY: u64 = 10;

/// The two ends of a world on the GPU: clones are the same one.
#[derive(Clone)]
pub(in crate::play) struct PassesEngine(Arc<Mutex<Run>>);

/// What the render graph works on.
pub(super) struct Run {
    world: GpuWorld,
    lowering: GpuLowering,
    rollout: Rollout,
    schema: ActionSchema,
    presenter: Option<(wgpu::TextureFormat, Presenter)>,
    probe: Option<Probe>,
    fetch: bool,
    request: Option<EngineRequest>,
    job: Option<Job>,
    reports: VecDeque<EngineReport>,
    pace: Pace,
    budget_ms: f64,
    ended: bool,
}

/// A frame on its way.
struct Job {
    index: u64,
    action: ActionVector,
    begun: Instant,
}

impl PassesEngine {
    pub fn new(world: GpuWorld, schema: ActionSchema, begin: Begin) -> Self {
        Self(Arc::new(Mutex::new(Run {
            lowering: world.lowering(),
            rollout: Rollout::new(world.plan().clone()),
            world,
            schema,
            presenter: None,
            probe: None,
            fetch: false,
            request: Some(EngineRequest::Begin(begin)),
            job: None,
            reports: VecDeque::new(),
            pace: Pace::new(),
            budget_ms: DEFAULT_BUDGET_MS,
            ended: false,
        })))
    }

    /// Asks for something, without waiting for the GPU.
    ///
    /// # Errors
    /// When the last request is not answered, or is not one that the world can take.
    pub fn send(&self, request: EngineRequest) -> Result<(), EngineError> {
        let mut run = self.lock();
        if run.ended {
            return Err(EngineError::Ended);
        }
        if run.request.is_some() || run.job.is_some() {
            return Err(EngineError::Busy);
        }
        if let EngineRequest::Step { action, sampler } = &request {
            run.schema.check(action)?;
            sampler.validate(&run.world.plan().config.schedule)?;
        }
        run.request = Some(request);
        Ok(())
    }

    /// Milliseconds of the GPU's time in a frame of the scene, from now on.
    pub fn set_budget(&self, budget_ms: f64) {
        self.lock().budget_ms = budget_ms;
    }

    /// The next report, if there is one.
    pub fn try_receive(&self) -> Option<EngineReport> {
        self.lock().reports.pop_front()
    }

    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Run> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for PassesEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PassesEngine").finish_non_exhaustive()
    }
}

impl Run {
    /// Begins what was asked for, and encodes as many passes as the budget allows. Whether a picture
    /// is ready to be presented.
    pub fn advance(&mut self, queue: &wgpu::Queue, encoder: &mut wgpu::CommandEncoder) -> bool {
        if let Some(request) = self.request.take() {
            self.start(request);
        }
        if self.job.is_none() {
            return false;
        }
        let allowance = self.pace.allowance(queue, self.budget_ms);
        let before = self.lowering.pending();
        let left = match allowance {
            0 => return false,
            count => self.lowering.encode(encoder, count),
        };
        self.pace.send(before - left);
        left == 0
    }

    fn start(&mut self, request: EngineRequest) {
        let action = match request {
            EngineRequest::Begin(begin) => {
                self.begin(&begin);
                self.schema.zeros()
            }
            EngineRequest::Step { action, sampler } => {
                let values = self.schema.normalize(&action);
                self.rollout.step(&mut self.lowering, &values, &sampler);
                action
            }
        };
        self.lowering.run(Stage::Decode, &StepInput::default());
        self.job = Some(Job {
            index: self.rollout.frames().saturating_sub(1),
            action,
            begun: Instant::now(),
        });
    }

    fn begin(&mut self, begin: &Begin) {
        let plan = self.world.plan().clone();
        let sampler = &plan.config.sampler;
        self.lowering.clear();
        match &begin.start {
            Start::OfSeed => self.rollout.begin(&mut self.lowering, begin.seed, sampler),
            Start::Picture(picture) => {
                let fitted = fit(picture, plan.image.width, plan.image.height);
                let pixels: Vec<f32> = fitted.rgb.iter().map(|&b| f32::from(b) / 255.0).collect();
                let seed = begin.seed;
                self.rollout
                    .begin_in_picture(&mut self.lowering, seed, sampler, &pixels);
            }
        }
    }

    /// Draws the picture into the scene's texture and reports it.
    pub fn present(
        &mut self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        texture: &wgpu::Texture,
        view: &wgpu::TextureView,
    ) {
        let format = texture.format();
        if self
            .presenter
            .as_ref()
            .is_none_or(|(known, _)| *known != format)
        {
            self.presenter = Some((format, self.lowering.presenter(format)));
        }
        if let Some((_, presenter)) = &self.presenter {
            presenter.encode(encoder, view);
        }
        let Some(job) = self.job.take() else { return };
        self.watch(device, encoder, job.index);
        self.reports.push_back(EngineReport::Shown {
            index: job.index,
            action: job.action,
            timings: Timings {
                denoise_ms: job.begun.elapsed().as_secs_f64() * 1e3,
                ..Timings::default()
            },
        });
    }

    /// Looks at the latent now and then; numbers that are none end the world.
    fn watch(&mut self, device: &wgpu::Device, encoder: &mut wgpu::CommandEncoder, index: u64) {
        let world = &self.world;
        let probe = self
            .probe
            .get_or_insert_with(|| Probe::new(device, world.plan()));
        if std::mem::take(&mut self.fetch) {
            probe.fetch();
        }
        match probe.finite() {
            Some(false) => {
                self.ended = true;
                let reason = EngineError::NotFinite { frame: index }.to_string();
                self.reports.push_back(EngineReport::Failed { reason });
            }
            _ if index.is_multiple_of(PROBE_EVERY) && probe.is_idle() => {
                self.lowering.probe(encoder, probe);
                self.fetch = true;
            }
            _ => {}
        }
    }
}
