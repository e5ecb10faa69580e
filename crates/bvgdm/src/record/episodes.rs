//! The main world's half: ticks, actions, starts and stops.

use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bevy::prelude::*;
use bvgdm_core::Frame;
use bvgdm_data::EpisodeSpec;
use leafwing_input_manager::Actionlike;
use leafwing_input_manager::action_state::ActionState;

use super::assemble::Assembly;
use super::camera::CaptureImages;
use super::capture::{CaptureLink, CaptureRequest, Captured};
use super::episode::Episode;
use super::error::RecorderError;
use super::recorder::{RecorderEvent, RecorderStatus, StartRecording, StopRecording};
use super::settings::{RecordedCamera, RecordedPlayer, RecorderSettings};
use super::sink::Sink;
use crate::actions::{ActionMap, SchemaActions};
use crate::play::NeuralWorld;

/// More frames a second than a world model is likely to be played at.
const HIGH_RATE: f64 = 30.0;

/// The episodes under way.
#[derive(Resource, Default)]
pub(super) struct Recorder {
    /// Ticks since the app began, and those of this update alone.
    ticks: u64,
    ticked: u32,
    asked: Option<StartRecording>,
    /// Whether the log says that it waits.
    told: bool,
    active: Option<Episode>,
    ending: Vec<Episode>,
    /// The longest step of virtual time, as the game had set it.
    max_delta: Option<Duration>,
}

impl Recorder {
    /// The active episode ends with state `last`.
    fn end(&mut self, last: u64, failure: Option<RecorderError>) {
        if let Some(mut episode) = self.active.take() {
            episode.end(last, failure);
            self.ending.push(episode);
        }
    }
}

impl Drop for Recorder {
    /// The app ends: what was recorded stays, and is complete.
    fn drop(&mut self) {
        for episode in self.active.iter_mut().chain(&mut self.ending) {
            episode.end_now();
        }
    }
}

#[derive(Resource)]
pub(super) struct Incoming(pub(super) Mutex<Receiver<Captured>>);

/// Who may be the recorded player.
type Players<'w, 's, A> =
    Query<'w, 's, (&'static ActionState<A>, Has<RecordedPlayer>), Without<NeuralWorld>>;

/// The cameras that are named.
type Cameras<'w, 's> = Query<'w, 's, (), (With<Camera>, With<RecordedCamera>)>;

/// Pairs what came back and hands it to the writers.
pub(super) fn collect_frames(
    incoming: Res<Incoming>,
    images: Option<Res<CaptureImages>>,
    mut recorder: ResMut<Recorder>,
    mut events: MessageWriter<RecorderEvent>,
) {
    recorder.ticked = 0;
    let size = images.map_or(UVec2::ONE, |images| images.size);
    let incoming = incoming.0.lock().unwrap_or_else(PoisonError::into_inner);
    let Recorder { active, ending, .. } = &mut *recorder;
    for Captured { state, rgba } in incoming.try_iter() {
        let frame = rgba.map(|rgba| unpad(&rgba, size));
        for episode in active.iter_mut().chain(ending.iter_mut()) {
            episode.frame(state, frame.clone());
        }
    }
    for episode in active.iter_mut().chain(ending.iter_mut()) {
        episode.write();
    }
    ending.extend(active.take_if(|episode| episode.has_ended()));
    let done = ending.extract_if(.., |episode| episode.is_written());
    events.write_batch(done.map(Episode::finish));
}

/// Rows of RGBA, padded as the GPU wants them, to rows of RGB.
fn unpad(rgba: &[u8], size: UVec2) -> Frame {
    let (width, height) = (size.x as usize, size.y as usize);
    let row = rgba.len() / height;
    let rows = rgba.chunks_exact(row.max(1)).take(height);
    let pixels = rows.flat_map(|row| row.chunks_exact(4).take(width));
    let rgb = pixels.flat_map(|p| p.iter().take(3).copied()).collect();
    Frame { width, height, rgb }
}

pub(super) fn stop_recording(
    mut stops: MessageReader<StopRecording>,
    mut recorder: ResMut<Recorder>,
) {
    if stops.read().count() == 0 {
        return;
    }
    recorder.asked = None;
    recorder.told = false;
    let last = recorder.ticks;
    recorder.end(last, None);
}

pub(super) fn start_recording<A: SchemaActions>(
    mut starts: MessageReader<StartRecording>,
    mut recorder: ResMut<Recorder>,
    mut events: MessageWriter<RecorderEvent>,
    fixed_time: Res<Time<Fixed>>,
    settings: Res<RecorderSettings>,
    map: Res<ActionMap<A>>,
    link: Res<CaptureLink>,
    images: Res<CaptureImages>,
    cameras: Cameras,
    players: Players<A>,
) {
    if let Some(start) = starts.read().last() {
        recorder.asked = Some(start.clone());
    }
    if recorder.active.is_some() || !link.is_ready() {
        if let Some(start) = &recorder.asked
            && !recorder.told
        {
            let until = match recorder.active.is_some() {
                true => "the one before it has ended by itself",
                false => "pictures can be had",
            };
            info!(
                "recording into {} waits until {until}",
                start.folder.display()
            );
            recorder.told = true;
        }
        return;
    }
    recorder.told = false;
    let Some(StartRecording { folder, seed }) = recorder.asked.take() else {
        return;
    };
    let fps = 1.0 / fixed_time.timestep().as_secs_f64();
    let spec = EpisodeSpec {
        game: settings.game.clone(),
        fps,
        width: images.size.x as usize,
        height: images.size.y as usize,
        schema: map.schema().clone(),
        seed,
    };
    // Before there is a folder: a recording that cannot be made leaves none behind.
    let sink = one_camera(&cameras)
        .and_then(|()| one_player(&players))
        .and_then(|_| Sink::create(&folder, spec));
    match sink {
        Ok(sink) => {
            if fps > HIGH_RATE {
                warn_once!(
                    "recording {fps:.0} frames a second, as the fixed schedule ticks; a world model \
                     plays as many, and 20 are usual: Time::<Fixed>::from_hz(20.0)"
                );
            }
            let assembly = Assembly::new(recorder.ticks + 1, map.schema().zeros());
            recorder.active = Some(Episode::new(assembly, sink));
            events.write(RecorderEvent::Started { folder });
        }
        Err(reason) => {
            events.write(RecorderEvent::Failed { folder, reason });
        }
    }
}

/// Of several cameras the pictures would be mixed; without one they would be empty.
fn one_camera(cameras: &Cameras) -> Result<(), RecorderError> {
    match cameras.iter().len() {
        1 => Ok(()),
        found => Err(RecorderError::Camera { found }),
    }
}

/// The one that is named, or the only one.
fn one_player<'a, A: Actionlike>(
    players: &'a Players<A>,
) -> Result<&'a ActionState<A>, RecorderError> {
    let any_named = players.iter().any(|(_, named)| named);
    let mut chosen = players.iter().filter(|(_, named)| *named == any_named);
    match (chosen.next(), chosen.count()) {
        (Some((player, _)), 0) => Ok(player),
        (first, others) => Err(RecorderError::Player {
            actions: A::short_type_path(),
            found: others + usize::from(first.is_some()),
        }),
    }
}

/// A slow display slows the game down while it is recorded: two ticks in one update would lose a
/// frame.
pub(super) fn pace_ticks(
    mut recorder: ResMut<Recorder>,
    mut virtual_time: ResMut<Time<Virtual>>,
    fixed_time: Res<Time<Fixed>>,
) {
    if recorder.active.is_some() {
        let current = virtual_time.max_delta();
        let own = *recorder.max_delta.get_or_insert(current);
        // What is bounded is real time, which a game may go through faster. Rounded down: no tick too many.
        let speed = virtual_time.relative_speed_f64().max(1.0);
        let tick = fixed_time.timestep().as_nanos() as f64 / speed;
        virtual_time.set_max_delta(own.min(Duration::from_nanos(tick as u64)));
    } else if let Some(max_delta) = recorder.max_delta.take() {
        virtual_time.set_max_delta(max_delta);
    }
}

pub(super) fn note_tick<A: SchemaActions>(
    mut recorder: ResMut<Recorder>,
    map: Res<ActionMap<A>>,
    players: Players<A>,
) {
    let state = recorder.ticks;
    recorder.ticks += 1;
    recorder.ticked += 1;
    let Some(episode) = &mut recorder.active else {
        return;
    };
    match one_player(&players) {
        Ok(player) => episode.action(state, map.read(player)),
        Err(error) => recorder.end(state, Some(error)),
    }
}

pub(super) fn request_frame(
    mut recorder: ResMut<Recorder>,
    mut request: ResMut<CaptureRequest>,
    cameras: Cameras,
) {
    let ticks = recorder.ticked;
    let seen = recorder.ticks - u64::from(ticks);
    if ticks > 1 {
        recorder.end(seen, Some(RecorderError::SkippedTicks { ticks }));
    } else if let (1, Err(error)) = (ticks, one_camera(&cameras)) {
        recorder.end(seen, Some(error));
    }
    request.0 = (recorder.active.is_some() && ticks == 1).then_some(recorder.ticks);
}

pub(super) fn report(
    recorder: Res<Recorder>,
    link: Res<CaptureLink>,
    mut status: ResMut<RecorderStatus>,
) {
    status.set_if_neq(RecorderStatus {
        ready: link.is_ready(),
        waiting: recorder.asked.is_some(),
        recording: recorder.active.is_some(),
        finishing: recorder.ending.len(),
    });
}
