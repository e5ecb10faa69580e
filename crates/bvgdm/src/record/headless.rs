//! Without a window: plugins and a loop that makes exactly one tick and one picture an update, as
//! fast as the machine can.

use std::time::{Duration, Instant};

use bevy::app::{PluginGroupBuilder, PluginsState, TerminalCtrlCHandlerPlugin};
use bevy::ecs::schedule::{Schedules, SingleThreadedExecutor};
use bevy::pbr::PbrPlugin;
use bevy::prelude::*;
use bevy::render::{RenderApp, RenderPlugin};
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::time::TimeUpdateStrategy;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::recorder::RecorderStatus;

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
            // Few meshes: to prepare them on the GPU costs more than it saves.
            .set(PbrPlugin {
                use_gpu_instance_buffer_builder: false,
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

/// Finishes the plugins and runs until pictures are complete, so that the first recorded frame is
/// as good as the last.
///
/// # Errors
/// When that takes longer than `limit`.
pub fn warm_up(app: &mut App, limit: Duration) -> Result<(), String> {
    let begin = Instant::now();
    let late = || format!("the renderer was not ready after {limit:?}");
    while app.plugins_state() == PluginsState::Adding {
        if begin.elapsed() > limit {
            return Err(late());
        }
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    run_on_one_thread(app);
    loop {
        app.update();
        let status = app.world().get_resource::<RecorderStatus>();
        match status {
            None => return Err("the app has no recorder".to_owned()),
            Some(status) if status.ready => return Ok(()),
            _ if begin.elapsed() > limit => return Err(late()),
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
            for (_, schedule) in schedules.iter_mut() {
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
pub fn finish_recordings(app: &mut App, limit: Duration) -> Result<(), String> {
    let begin = Instant::now();
    loop {
        app.update();
        let status = app.world().get_resource::<RecorderStatus>();
        if status.is_none_or(|s| !s.recording && s.finishing == 0) {
            return Ok(());
        }
        if begin.elapsed() > limit {
            return Err(format!("episodes were not written after {limit:?}"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
