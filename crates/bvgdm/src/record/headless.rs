//! Without a window: plugins and a loop that makes exactly one tick and one picture an update, as
//! fast as the machine can.

use std::time::{Duration, Instant};

use bevy::app::{PluginGroupBuilder, PluginsState, TerminalCtrlCHandlerPlugin};
use bevy::ecs::schedule::{ScheduleLabel as _, Schedules, SingleThreadedExecutor};
use bevy::light::cluster::GlobalClusterSettings;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::{ExtractSchedule, RenderApp, RenderPlugin};
use bevy::time::TimeUpdateStrategy;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::recorder::RecorderStatus;
use super::tell::Refused;

/// `DefaultPlugins` without a window, an event loop or a second frame under way, and with virtual
/// time: every `App::update` is one tick of the fixed schedule.
pub struct HeadlessPlugins;

impl PluginGroup for HeadlessPlugins {
    fn build(self) -> PluginGroupBuilder {
        DefaultPlugins
            .build()
            .disable::<WinitPlugin>()
            .disable::<PipelinedRenderingPlugin>()
            // Ctrl-C ends the process: what is recorded so far is readable.
            .disable::<TerminalCtrlCHandlerPlugin>()
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .set(RenderPlugin {
                synchronous_pipeline_compilation: true,
                ..default()
            })
            .add(VirtualTimePlugin)
    }
}

struct VirtualTimePlugin;

impl Plugin for VirtualTimePlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(TimeUpdateStrategy::FixedTimesteps(1));
    }
}

/// Why a headless app did not get where it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadlessError {
    /// Nothing can draw: neither a GPU nor a software driver.
    #[error(
        "there is no GPU and no software driver for one (on Debian: apt install mesa-vulkan-drivers)"
    )]
    NoGpu,
    /// [`RecorderPlugin`](super::RecorderPlugin) was not added, or says in the log why it cannot
    /// record.
    #[error("the app has no recorder")]
    NoRecorder,
    /// Shaders or targets are still missing.
    #[error("the renderer was not ready after {0:?}")]
    NotReady(Duration),
    /// Frames or the disk are late.
    #[error("the episodes were not written after {0:?}")]
    NotWritten(Duration),
}

/// Whether there is anything that Bevy can draw with; without it, `RenderPlugin` panics.
pub fn has_gpu() -> bool {
    let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
    let instance = wgpu::Instance::new(descriptor);
    let request = instance.request_adapter(&wgpu::RequestAdapterOptions::default());
    bevy::tasks::block_on(request).is_ok()
}

/// Finishes the plugins and runs until pictures can be had: shaders are compiled and targets made. A game that
/// loads scenes or textures of its own goes on with `App::update` until those are there, before it
/// records.
///
/// # Errors
/// When that takes longer than `limit`.
pub fn warm_up(app: &mut App, limit: Duration) -> Result<(), HeadlessError> {
    let begin = Instant::now();
    while app.plugins_state() == PluginsState::Adding {
        if begin.elapsed() > limit {
            return Err(HeadlessError::NotReady(limit));
        }
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    run_on_one_thread(app);
    // Sorting lights on the GPU is made for thousands of them; without a real GPU it costs more
    // than drawing a small picture.
    if let Some(mut lights) = app.world_mut().get_resource_mut::<GlobalClusterSettings>() {
        lights.gpu_clustering = None;
    }
    loop {
        app.update();
        match app.world().get_resource::<RecorderStatus>() {
            None => return Err(HeadlessError::NoRecorder),
            Some(status) if status.ready => return Ok(()),
            Some(_) if app.world().contains_resource::<Refused>() => {
                return Err(HeadlessError::NoRecorder);
            }
            _ if begin.elapsed() > limit => return Err(HeadlessError::NotReady(limit)),
            // Shaders are read on other threads.
            _ => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Small games have small systems: handing them to other threads costs more than they do, and the
/// other threads are busy with drawing and compressing.
fn run_on_one_thread(app: &mut App) {
    let set = |world: &mut World| {
        if let Some(mut schedules) = world.get_resource_mut::<Schedules>() {
            // Extraction applies its commands to another world than the one it runs on.
            let extract = ExtractSchedule.intern();
            let others = schedules.iter_mut().filter(|(_, s)| s.label() != extract);
            for (_, schedule) in others {
                schedule.set_executor(SingleThreadedExecutor::new());
            }
        }
    };
    set(app.world_mut());
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        set(render_app.world_mut());
    }
}

/// Runs until every recording is on the disk.
///
/// # Errors
/// When that takes longer than `limit`.
pub fn finish_recordings(app: &mut App, limit: Duration) -> Result<(), HeadlessError> {
    let begin = Instant::now();
    loop {
        app.update();
        let status = app.world().get_resource::<RecorderStatus>();
        if status.is_none_or(|s| !s.recording && !s.waiting && s.finishing == 0) {
            return Ok(());
        }
        if begin.elapsed() > limit {
            return Err(HeadlessError::NotWritten(limit));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
