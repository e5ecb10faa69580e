//! The plugin and the main world's half: ticks, actions, starts and stops.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bevy::asset::AssetId;
use bevy::prelude::*;
use bevy::render::extract_resource::ExtractResourcePlugin;
use bevy::render::renderer::{RenderGraph, RenderGraphSystems};
use bevy::render::{RenderApp, RenderStartup};
use bevy::time::TimeSystems;
use bvgdm_core::{ActionSchema, ActionVector, Frame};
use bvgdm_data::EpisodeSpec;
use leafwing_input_manager::action_state::ActionState;

use super::assemble::Assembly;
use super::camera::{CaptureImages, create_images, spawn_twin};
use super::capture::{
    CaptureFactor, CaptureLink, CaptureRequest, Captured, SHADER, SHADER_SOURCE, capture_frame,
    create_pass,
};
use super::overlay::{press_key, show_dot};
use super::settings::RecorderSettings;
use super::sink::Sink;
use crate::actions::{ActionMap, SchemaActions};

/// Records what a player with actions `A` does in the view of the
/// [`RecordedCamera`](super::RecordedCamera). There must be one entity with an `ActionState<A>`.
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

/// Starts an episode with the state after the next tick.
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
        reason: String,
    },
}

/// What the recorder is doing.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecorderStatus {
    /// Pictures are complete: shaders compiled, targets made. Before that nothing is recorded.
    pub ready: bool,
    /// An episode is being recorded.
    pub recording: bool,
    /// Episodes that wait for their last frames or for the disk.
    pub finishing: usize,
}

/// The episodes under way.
#[derive(Resource, Default)]
pub(super) struct Recorder {
    /// Ticks since the app began, and those of this update alone.
    ticks: u64,
    ticked: u32,
    asked: Option<StartRecording>,
    active: Option<Episode>,
    ending: Vec<Episode>,
    /// The longest step of virtual time, as the game had set it.
    max_delta: Option<Duration>,
}

struct Episode {
    assembly: Assembly,
    sink: Sink,
}

#[derive(Resource)]
struct Incoming(Mutex<Receiver<Captured>>);

#[derive(Resource)]
struct RecordedSchema(ActionSchema);

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
        let map = match ActionMap::<A>::of_game() {
            Ok(map) => map,
            Err(error) => {
                error!("nothing can be recorded: {error}");
                return;
            }
        };
        let (sender, receiver) = channel();
        let link = CaptureLink {
            frames: Arc::new(Mutex::new(sender)),
            ready: Arc::new(AtomicBool::new(false)),
        };
        app.insert_resource(self.settings.clone())
            .insert_resource(RecordedSchema(map.schema().clone()))
            .insert_resource(map)
            .insert_resource(link.clone())
            .insert_resource(Incoming(Mutex::new(receiver)))
            .init_resource::<CaptureRequest>()
            .init_resource::<Recorder>()
            .init_resource::<RecorderStatus>()
            .add_message::<StartRecording>()
            .add_message::<StopRecording>()
            .add_message::<RecorderEvent>()
            .add_plugins((
                ExtractResourcePlugin::<CaptureRequest>::default(),
                ExtractResourcePlugin::<CaptureImages>::default(),
            ))
            .add_systems(PreStartup, create_images)
            .add_systems(
                First,
                (
                    collect_frames,
                    stop_recording,
                    start_recording,
                    pace_ticks,
                    report,
                )
                    .chain()
                    .before(TimeSystems)
                    .in_set(RecorderSystems::Collect),
            )
            .add_systems(FixedLast, note_tick::<A>.in_set(RecorderSystems::NoteTick))
            .add_systems(PostUpdate, spawn_twin.before(TransformSystems::Propagate))
            .add_systems(Last, request_frame.in_set(RecorderSystems::Request))
            .add_systems(Update, (press_key, show_dot));
        if let Some(mut shaders) = app.world_mut().get_resource_mut::<Assets<Shader>>() {
            let shader = Shader::from_wgsl(SHADER_SOURCE, "bvgdm/record/average.wgsl");
            let id: AssetId<Shader> = SHADER.id();
            // A fixed handle cannot be refused: it has no generation to be out of date.
            let _ = shaders.insert(id, shader);
        }
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .insert_resource(link)
            .insert_resource(CaptureFactor(self.settings.factor()))
            .add_systems(RenderStartup, create_pass)
            .add_systems(
                RenderGraph,
                capture_frame
                    .after(RenderGraphSystems::Submit)
                    .in_set(RenderGraphSystems::Finish),
            );
    }
}

/// Pairs what came back and hands it to the writers.
fn collect_frames(
    incoming: Res<Incoming>,
    settings: Res<RecorderSettings>,
    mut recorder: ResMut<Recorder>,
    mut events: MessageWriter<RecorderEvent>,
) {
    recorder.ticked = 0;
    let incoming = incoming.0.lock().unwrap_or_else(PoisonError::into_inner);
    let Recorder { active, ending, .. } = &mut *recorder;
    for captured in incoming.try_iter() {
        let frame = unpad(&captured.rgba, settings.width, settings.height);
        for episode in active.iter_mut().chain(ending.iter_mut()) {
            episode.assembly.frame(captured.state, frame.clone());
        }
    }
    let mut failed = false;
    if let Some(episode) = active {
        failed = !episode.write();
    }
    if failed && let Some(episode) = active.take() {
        ending.push(episode);
    }
    for episode in ending.iter_mut() {
        if !episode.write() || episode.assembly.is_done() {
            episode.sink.close();
        }
    }
    let (done, rest) = std::mem::take(ending)
        .into_iter()
        .partition(|e| e.sink.is_finished());
    *ending = rest;
    for Episode { sink, .. } in done {
        let folder = sink.folder().to_owned();
        events.write(match sink.finish() {
            Ok(frames) => RecorderEvent::Finished { folder, frames },
            Err(reason) => RecorderEvent::Failed { folder, reason },
        });
    }
}

impl Episode {
    /// Writes what is complete; false when the writer has failed.
    fn write(&mut self) -> bool {
        while let Some((frame, action)) = self.assembly.pop() {
            if !self.sink.push(frame, action) {
                return false;
            }
        }
        true
    }

    /// Ends with state `last`.
    fn end(&mut self, last: u64, nothing: ActionVector) {
        self.assembly.end(last, nothing);
    }
}

/// Rows of RGBA, padded as the GPU wants them, to rows of RGB.
fn unpad(rgba: &[u8], width: u32, height: u32) -> Frame {
    let (width, height) = (width.max(1) as usize, height.max(1) as usize);
    let row = rgba.len() / height;
    let rows = rgba.chunks_exact(row.max(1)).take(height);
    let pixels = rows.flat_map(|row| row.chunks_exact(4).take(width));
    let rgb = pixels.flat_map(|p| p.iter().take(3).copied()).collect();
    Frame { width, height, rgb }
}

fn stop_recording(
    mut stops: MessageReader<StopRecording>,
    mut recorder: ResMut<Recorder>,
    schema: Res<RecordedSchema>,
) {
    if stops.read().count() == 0 {
        return;
    }
    recorder.asked = None;
    let last = recorder.ticks;
    if let Some(mut episode) = recorder.active.take() {
        episode.end(last, schema.0.zeros());
        recorder.ending.push(episode);
    }
}

fn start_recording(
    mut starts: MessageReader<StartRecording>,
    mut recorder: ResMut<Recorder>,
    mut events: MessageWriter<RecorderEvent>,
    fixed_time: Res<Time<Fixed>>,
    settings: Res<RecorderSettings>,
    schema: Res<RecordedSchema>,
    link: Res<CaptureLink>,
) {
    if let Some(start) = starts.read().last() {
        recorder.asked = Some(start.clone());
    }
    if recorder.active.is_some() || !link.ready.load(Ordering::Acquire) {
        return;
    }
    let Some(StartRecording { folder, seed }) = recorder.asked.take() else {
        return;
    };
    let timestep = fixed_time.timestep();
    let spec = EpisodeSpec {
        game: settings.game.clone(),
        fps: 1.0 / timestep.as_secs_f64(),
        width: settings.width as usize,
        height: settings.height as usize,
        schema: schema.0.clone(),
        seed,
    };
    match Sink::create(&folder, spec) {
        Ok(sink) => {
            let assembly = Assembly::new(recorder.ticks + 1);
            recorder.active = Some(Episode { assembly, sink });
            events.write(RecorderEvent::Started { folder });
        }
        Err(reason) => {
            events.write(RecorderEvent::Failed { folder, reason });
        }
    }
}

/// A slow display slows the game down while it is recorded: two ticks in one update would lose a
/// frame.
fn pace_ticks(
    mut recorder: ResMut<Recorder>,
    mut virtual_time: ResMut<Time<Virtual>>,
    fixed_time: Res<Time<Fixed>>,
) {
    if recorder.active.is_some() {
        if recorder.max_delta.is_none() {
            recorder.max_delta = Some(virtual_time.max_delta());
            virtual_time.set_max_delta(fixed_time.timestep());
        }
    } else if let Some(max_delta) = recorder.max_delta.take() {
        virtual_time.set_max_delta(max_delta);
    }
}

fn note_tick<A: SchemaActions>(
    mut recorder: ResMut<Recorder>,
    map: Res<ActionMap<A>>,
    player: Option<Single<&ActionState<A>>>,
) {
    let state = recorder.ticks;
    recorder.ticks += 1;
    recorder.ticked += 1;
    let Some(episode) = &mut recorder.active else {
        return;
    };
    let action = match player {
        Some(player) => map.read(&player),
        None => map.schema().zeros(),
    };
    episode.assembly.action(state, action);
}

fn request_frame(
    mut recorder: ResMut<Recorder>,
    mut request: ResMut<CaptureRequest>,
    mut events: MessageWriter<RecorderEvent>,
) {
    let recording = recorder.active.is_some();
    request.0 = (recording && recorder.ticked == 1).then_some(recorder.ticks);
    if recording && recorder.ticked > 1 {
        let reason = format!(
            "{} ticks in one update: a frame is missing",
            recorder.ticked
        );
        if let Some(episode) = recorder.active.take() {
            let folder = episode.sink.folder().to_owned();
            events.write(RecorderEvent::Failed { folder, reason });
        }
    }
}

fn report(recorder: Res<Recorder>, link: Res<CaptureLink>, mut status: ResMut<RecorderStatus>) {
    status.set_if_neq(RecorderStatus {
        ready: link.ready.load(Ordering::Acquire),
        recording: recorder.active.is_some(),
        finishing: recorder.ending.len(),
    });
}
