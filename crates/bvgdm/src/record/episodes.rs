//! The main world's half: ticks, actions, starts and stops.

use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bevy::prelude::*;
use bvgdm_core::{ActionSchema, ActionVector, Frame};
use bvgdm_data::EpisodeSpec;
use leafwing_input_manager::action_state::ActionState;

use super::assemble::Assembly;
use super::capture::{CaptureLink, CaptureRequest, Captured};
use super::recorder::{RecorderEvent, RecorderStatus, StartRecording, StopRecording};
use super::settings::RecorderSettings;
use super::sink::Sink;
use crate::actions::{ActionMap, SchemaActions};

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
pub(super) struct Incoming(pub(super) Mutex<Receiver<Captured>>);

#[derive(Resource)]
pub(super) struct RecordedSchema(pub(super) ActionSchema);

/// Pairs what came back and hands it to the writers.
pub(super) fn collect_frames(
    incoming: Res<Incoming>,
    settings: Res<RecorderSettings>,
    mut recorder: ResMut<Recorder>,
    mut events: MessageWriter<RecorderEvent>,
) {
    recorder.ticked = 0;
    let incoming = incoming.0.lock().unwrap_or_else(PoisonError::into_inner);
    let Recorder { active, ending, .. } = &mut *recorder;
    for Captured { state, rgba } in incoming.try_iter() {
        let Some(rgba) = rgba else {
            fail(
                active,
                ending,
                &mut events,
                &format!("the picture of tick {state} was lost"),
            );
            continue;
        };
        let frame = unpad(&rgba, settings.width, settings.height);
        for episode in active.iter_mut().chain(ending.iter_mut()) {
            episode.assembly.frame(state, frame.clone());
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

/// Gives all episodes up; what they have so far stays.
fn fail(
    active: &mut Option<Episode>,
    ending: &mut Vec<Episode>,
    events: &mut MessageWriter<RecorderEvent>,
    reason: &str,
) {
    for episode in active.take().into_iter().chain(ending.drain(..)) {
        let folder = episode.sink.folder().to_owned();
        let reason = reason.to_owned();
        events.write(RecorderEvent::Failed { folder, reason });
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

pub(super) fn stop_recording(
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

pub(super) fn start_recording(
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
pub(super) fn pace_ticks(
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

pub(super) fn note_tick<A: SchemaActions>(
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

pub(super) fn request_frame(
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

pub(super) fn report(
    recorder: Res<Recorder>,
    link: Res<CaptureLink>,
    mut status: ResMut<RecorderStatus>,
) {
    status.set_if_neq(RecorderStatus {
        ready: link.ready.load(Ordering::Acquire),
        recording: recorder.active.is_some(),
        finishing: recorder.ending.len(),
    });
}
