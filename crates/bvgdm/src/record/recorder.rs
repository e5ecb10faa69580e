//! The plugin, and what one tells it and hears from it.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use bevy::asset::AssetId;
use bevy::camera::CameraUpdateSystems;
use bevy::prelude::*;
use bevy::render::extract_resource::extract_resource;
use bevy::render::renderer::{RenderGraph, RenderGraphSystems};
use bevy::render::{ExtractSchedule, RenderApp, RenderStartup};
use bevy::time::TimeSystems;

use super::camera::{CaptureImages, copy_settings, create_images, fit_twins, keep_twins};
use super::capture::{
    CaptureFactor, CaptureLink, CaptureRequest, SHADER, SHADER_SOURCE, capture_frame, create_pass,
};
use super::episodes::{
    Incoming, Recorder, collect_frames, note_tick, pace_ticks, report, request_frame,
    start_recording, stop_recording,
};
use super::error::RecorderError;
use super::overlay::{press_key, show_dot};
use super::settings::RecorderSettings;
use super::tell::{Refused, log_events, refuse_recordings};
use crate::actions::{ActionMap, SchemaActions};
use crate::held::ForgetSystems;

/// Records what a player with actions `A` does in the view of the
/// [`RecordedCamera`](super::RecordedCamera).
///
/// An app has one recorder. There must be one such camera and one entity with an `ActionState<A>` that is no
/// [`NeuralWorld`](crate::NeuralWorld); of several, one has
/// [`RecordedPlayer`](super::RecordedPlayer). Otherwise a recording fails and says why.
pub struct RecorderPlugin<A> {
    /// Sizes, names and keys.
    pub settings: RecorderSettings,
    actions: PhantomData<fn() -> A>,
}

/// When the recorder does what.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecorderSystems {
    /// In `First`: frames that came back are written; starts and stops take effect.
    Collect,
    /// In `FixedLast`: the tick's action is noted.
    NoteTick,
    /// In `Last`: the picture of the new state is asked for.
    Request,
}

/// Starts an episode with the state after the next tick, once pictures can be had: a camera that has just
/// become the [`RecordedCamera`](super::RecordedCamera) takes ten updates. [`RecorderEvent::Started`] says when.
#[derive(Message, Debug, Clone)]
pub struct StartRecording {
    /// The episode's folder; it must not hold an episode yet.
    pub folder: PathBuf,
    /// The seed that the game started from, for the metadata.
    pub seed: u64,
}

/// Ends the episode with the state of now.
#[derive(Message, Debug, Clone, Copy)]
pub struct StopRecording;

/// What became of a recording.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub enum RecorderEvent {
    /// The first frame has been asked for.
    Started {
        /// The episode's folder.
        folder: PathBuf,
    },
    /// Everything is on the disk.
    Finished {
        /// The episode's folder.
        folder: PathBuf,
        /// How many frames it has.
        frames: u64,
    },
    /// The recording ended early; what had been written before is readable.
    Failed {
        /// The episode's folder.
        folder: PathBuf,
        /// Why.
        reason: RecorderError,
    },
}

/// What the recorder is doing.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecorderStatus {
    /// Pictures can be had: shaders compiled, targets made. Before that nothing is recorded. Whether the game's
    /// own scenes and textures have been loaded, only the game knows.
    pub ready: bool,
    /// A start waits until pictures can be had, or for the episode before it to end by itself; a stop takes it
    /// back.
    pub waiting: bool,
    /// An episode is being recorded.
    pub recording: bool,
    /// Episodes that wait for their last frames or for the disk.
    pub finishing: usize,
}

impl<A> RecorderPlugin<A> {
    /// With these settings.
    pub fn new(settings: RecorderSettings) -> Self {
        Self {
            settings,
            actions: PhantomData,
        }
    }
}

impl<A: SchemaActions> Plugin for RecorderPlugin<A> {
    fn build(&self, app: &mut App) {
        if app.world().contains_resource::<RecorderStatus>() {
            let actions = A::short_type_path();
            error!(
                "RecorderPlugin<{actions}>: there is a recorder already, and one records a game"
            );
            return;
        }
        // What a game reads and writes is there even if nothing can be recorded.
        app.insert_resource(self.settings.clone())
            .init_resource::<RecorderStatus>()
            .add_message::<StartRecording>()
            .add_message::<StopRecording>()
            .add_message::<RecorderEvent>()
            .add_systems(First, refuse_recordings.run_if(resource_exists::<Refused>))
            .add_systems(Update, (press_key, show_dot, log_events));
        match ActionMap::<A>::of_game() {
            Ok(map) => add_systems(app, map),
            Err(error) => refuse(app, error.into()),
        }
    }

    /// Other plugins have made the render world by now, if there is to be one.
    fn finish(&self, app: &mut App) {
        // Not of a second plugin.
        if !app.world().contains_resource::<ActionMap<A>>() {
            return;
        }
        if let Some(link) = app.world().get_resource::<CaptureLink>().cloned() {
            add_render_systems(app, link, CaptureFactor(self.settings.factor()));
        }
    }
}

fn refuse(app: &mut App, reason: RecorderError) {
    error!("nothing can be recorded: {reason}");
    app.insert_resource(Refused(reason));
}

fn add_systems<A: SchemaActions>(app: &mut App, map: ActionMap<A>) {
    let (sender, receiver) = channel();
    app.insert_resource(map)
        .insert_resource(CaptureLink::new(sender))
        .insert_resource(Incoming(Mutex::new(receiver)))
        .init_resource::<CaptureRequest>()
        .init_resource::<Recorder>()
        .add_systems(PreStartup, create_images)
        .add_systems(
            First,
            (
                collect_frames,
                stop_recording,
                start_recording::<A>.run_if(not(resource_exists::<Refused>)),
                pace_ticks,
                report,
            )
                .chain()
                .before(TimeSystems)
                .in_set(RecorderSystems::Collect),
        )
        .configure_sets(
            FixedLast,
            RecorderSystems::NoteTick.before(ForgetSystems::Motion),
        )
        .add_systems(FixedLast, note_tick::<A>.in_set(RecorderSystems::NoteTick))
        .add_systems(
            PostUpdate,
            (keep_twins, copy_settings, fit_twins)
                .chain()
                .before(CameraUpdateSystems)
                .before(TransformSystems::Propagate),
        )
        .add_systems(Last, request_frame.in_set(RecorderSystems::Request));
}

fn add_render_systems(app: &mut App, link: CaptureLink, factor: CaptureFactor) {
    if let Some(mut shaders) = app.world_mut().get_resource_mut::<Assets<Shader>>() {
        let shader = Shader::from_wgsl(SHADER_SOURCE, "bvgdm/record/average.wgsl");
        let id: AssetId<Shader> = SHADER.id();
        // A fixed handle cannot be refused: it has no generation to be out of date.
        let _ = shaders.insert(id, shader);
    }
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
        return refuse(app, RecorderError::NoRenderer);
    };
    render_app
        .insert_resource(link)
        .insert_resource(factor)
        .add_systems(
            ExtractSchedule,
            (
                extract_resource::<CaptureRequest, ()>,
                extract_resource::<CaptureImages, ()>,
            ),
        )
        .add_systems(RenderStartup, create_pass)
        .add_systems(
            RenderGraph,
            capture_frame
                .after(RenderGraphSystems::Submit)
                .in_set(RenderGraphSystems::Finish),
        );
}
