//! What the render graph works on: requests become passes, slice by slice.

use std::collections::VecDeque;
use std::sync::Arc;

use bevy::render::diagnostic::{DiagnosticsRecorder, RecordDiagnostics as _};
use bvgdm_core::{ActionSchema, ActionVector};
use bvgdm_gpu::{GpuLowering, GpuWorld, Presenter};
use bvgdm_plan::{Lowering as _, Rollout, Stage, StepInput};
use web_time::Instant;

use super::guard::{Guard, Permit};
use super::look::Look;
use super::pace::{Demand, Landing};
use super::watch::Watch;
use crate::engine::{
    Begin, EngineError, EngineReport, EngineRequest, Start, Timings, begin_rollout,
};

/// Milliseconds that a frame of the scene may take longer for passes: half of one at 60 a second.
pub(in crate::play) const DEFAULT_BUDGET_MS: f64 = 8.0;

/// One roll-out on the GPU.
pub(super) struct Run {
    world: GpuWorld,
    lowering: GpuLowering,
    rollout: Rollout,
    schema: ActionSchema,
    presenter: Presenter,
    watch: Watch,
    permit: Permit,
    leaving: Option<Leaving>,
    request: Option<EngineRequest>,
    job: Option<Job>,
    reports: VecDeque<EngineReport>,
    /// When the newest frame was begun, and its last slice.
    arriving: Option<(Instant, Landing)>,
    /// What the newest frame that has arrived took.
    took_ms: f64,
    budget_ms: f64,
    ended: bool,
}

/// The copies for another engine.
struct Leaving {
    look: Look,
    /// Whether there is room for them.
    permit: Permit,
    encoded: bool,
}

/// A frame on its way.
struct Job {
    index: u64,
    action: ActionVector,
    passes: usize,
    begun: Instant,
}

/// Where a slice of passes goes in a frame of the scene.
pub(in crate::play) struct Slice<'a> {
    pub encoder: &'a mut wgpu::CommandEncoder,
    pub landing: &'a Landing,
    pub recorder: Option<&'a DiagnosticsRecorder>,
}

impl Run {
    pub fn new(world: GpuWorld, schema: ActionSchema, begin: Begin) -> Self {
        let guard = Guard::new(world.device());
        let lowering = world.lowering();
        let watch = Watch::new(&lowering, world.plan());
        let presenter = lowering.presenter();
        Self {
            watch,
            presenter,
            permit: Permit::ask(guard.end()),
            rollout: Rollout::new(world.plan().clone()),
            lowering,
            world,
            schema,
            leaving: None,
            request: Some(EngineRequest::Begin(begin)),
            job: None,
            reports: VecDeque::new(),
            arriving: None,
            took_ms: 0.0,
            budget_ms: DEFAULT_BUDGET_MS,
            ended: false,
        }
    }

    pub fn set_budget(&mut self, budget_ms: f64) {
        self.budget_ms = budget_ms;
    }

    pub fn ask(&mut self, request: EngineRequest) -> Result<(), EngineError> {
        if self.ended {
            return Err(EngineError::Ended);
        }
        if self.request.is_some() || self.job.is_some() || self.leaving.is_some() {
            return Err(EngineError::Busy);
        }
        if let EngineRequest::Step { action, sampler } = &request {
            self.schema.check(action)?;
            sampler.validate(&self.world.plan().config.schedule)?;
        }
        self.request = Some(request);
        Ok(())
    }

    pub fn report(&mut self) -> Option<EngineReport> {
        self.reports.pop_front()
    }

    pub fn last_seen(&self) -> Option<Start> {
        self.watch.last_seen()
    }

    pub fn seen(&self) -> Option<u64> {
        self.watch.seen()
    }

    /// Begins what was asked for; what is to be encoded then.
    pub fn demand(&mut self, encoder: &mut wgpu::CommandEncoder) -> Option<Demand> {
        match self.permit.look() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(refused) => {
                self.request = None;
                self.end(EngineReport::Refused {
                    reason: format!("the GPU refused: {refused}"),
                });
            }
        }
        if self.ended {
            return None;
        }
        self.look_for_arrival();
        self.watch.look();
        self.leave(encoder);
        self.give_up_diverged();
        if let Some(request) = self.request.take() {
            self.start(request, encoder);
        }
        self.job.as_ref().map(|job| Demand {
            passes: self.lowering.pending(),
            of: job.passes,
            budget_ms: self.budget_ms,
        })
    }

    /// Encodes `passes` passes at most, with a time span for each stage, and the picture after the last;
    /// how many it were.
    pub fn advance(
        &mut self,
        slice: &mut Slice<'_>,
        passes: usize,
        view: &wgpu::TextureView,
    ) -> usize {
        let mut allowed = passes;
        while let Some((stage, count)) = self.lowering.next_stage().filter(|_| allowed > 0) {
            let count = count.min(allowed);
            slice.span(span_name(stage), |encoder| {
                self.lowering.encode(encoder, count);
            });
            allowed -= count;
        }
        if allowed < passes && self.lowering.pending() == 0 {
            self.present(slice, view);
        }
        passes - allowed
    }

    fn look_for_arrival(&mut self) {
        if let Some((begun, landing)) = &self.arriving
            && let Some(done) = landing.done()
        {
            self.took_ms = done.saturating_duration_since(*begun).as_secs_f64() * 1e3;
            self.arriving = None;
        }
    }

    fn end(&mut self, report: EngineReport) {
        self.ended = true;
        self.reports.push_back(report);
    }

    /// Numbers that are none answer whatever is asked for but a new beginning.
    fn give_up_diverged(&mut self) {
        let Some(frame) = self.watch.diverged() else {
            return;
        };
        if let Some(EngineRequest::Begin(_)) = self.request {
            return;
        }
        if self.request.take().is_some() || self.job.take().is_some() {
            self.lowering.clear();
            let reason = EngineError::NotFinite { frame }.to_string();
            self.reports.push_back(EngineReport::Diverged { reason });
        }
    }

    fn start(&mut self, request: EngineRequest, encoder: &mut wgpu::CommandEncoder) {
        let action = match request {
            EngineRequest::Begin(begin) => {
                self.lowering.clear();
                self.watch.restart();
                if let Err(error) = begin_rollout(&mut self.rollout, &mut self.lowering, &begin) {
                    let reason = error.to_string();
                    return self.end(EngineReport::Failed { reason });
                }
                self.schema.zeros()
            }
            EngineRequest::Step { action, sampler } => {
                let values = self.schema.normalize(&action);
                self.rollout.step(&mut self.lowering, &values, &sampler);
                action
            }
            EngineRequest::Leave => {
                let guard = Guard::new(self.world.device());
                let look = Look::new(&self.lowering, &self.world.plan().memory());
                self.leaving = Some(Leaving {
                    look,
                    permit: Permit::ask(guard.end()),
                    encoded: false,
                });
                return self.leave(encoder);
            }
        };
        self.lowering.run(Stage::Decode, &StepInput::default());
        self.job = Some(Job {
            index: self.rollout.frames().saturating_sub(1),
            action,
            passes: self.lowering.pending(),
            begun: Instant::now(),
        });
    }

    /// Brings all that the roll-out remembers to the processor, for the next engine.
    fn leave(&mut self, encoder: &mut wgpu::CommandEncoder) {
        let Some(leaving) = &mut self.leaving else {
            return;
        };
        let memory = match leaving.encoded {
            true => leaving.look.take(),
            false => match leaving.permit.look() {
                Ok(true) => {
                    leaving.look.ask(&self.lowering, encoder);
                    leaving.encoded = true;
                    None
                }
                Ok(false) => None,
                Err(_) => {
                    // No room for the copies: what was seen last is on the processor already.
                    self.leaving = None;
                    let seen = self.last_seen().unwrap_or_default();
                    self.reports.push_back(EngineReport::Left(seen));
                    None
                }
            },
        };
        let Some(memory) = memory else { return };
        self.leaving = None;
        // The newest latent is made of all the rest.
        let in_order = memory.iter().take(1).flatten().all(|x| x.is_finite());
        let frame = self.rollout.frames().saturating_sub(1);
        self.reports.push_back(match in_order {
            true => EngineReport::Left(Start::Context(Arc::new(
                self.rollout.context(memory.concat()),
            ))),
            false => EngineReport::Diverged {
                reason: EngineError::NotFinite { frame }.to_string(),
            },
        });
    }

    /// Draws the picture into the scene's texture and reports it.
    fn present(&mut self, slice: &mut Slice<'_>, view: &wgpu::TextureView) {
        let presenter = &self.presenter;
        slice.span("present", |encoder| presenter.encode(encoder, view));
        let Some(job) = self.job.take() else { return };
        self.watch.ask(&self.lowering, slice.encoder, &self.rollout);
        self.arriving = Some((job.begun, slice.landing.clone()));
        self.reports.push_back(EngineReport::Shown {
            index: job.index,
            action: job.action,
            timings: Timings {
                denoise_ms: self.took_ms,
                ..Timings::default()
            },
        });
    }
}

impl Slice<'_> {
    /// Does something within a time span of this name.
    pub fn span(&mut self, name: &'static str, work: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let Some(recorder) = self.recorder else {
            return work(self.encoder);
        };
        let span = recorder.time_span(self.encoder, name);
        work(self.encoder);
        span.end(self.encoder);
    }
}

fn span_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Commit => "commit_and_denoise",
        Stage::Denoise => "denoise_again",
        Stage::Advance => "advance",
        Stage::Decode => "decode",
        Stage::Encode => "encode",
    }
}
