//! F9 records what is played: an episode to learn from, and a video to look at.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use bvgdm::play::ActiveEngine;
use bvgdm::{FrameGenerated, NeuralWorld, WorldAsset};
use bvgdm_core::{ActionVector, Frame, WorldManifest};
use bvgdm_data::{DataError, EpisodeSpec, EpisodeWriter, VideoWriter};

use crate::neural_game::stage::{Played, Stage};

/// Frames that may wait for the disk: three seconds.
const QUEUE: usize = 64;
const VIDEO_SCALE: u32 = 6;

/// The folder of all recordings.
#[derive(Resource)]
pub struct Recordings(pub PathBuf);

/// What is being recorded.
#[derive(Resource, Default)]
pub struct Recording {
    frames: Option<SyncSender<(Arc<Frame>, ActionVector)>>,
    /// The newest frame; the action held from it on comes with the next.
    newest: Option<Arc<Frame>>,
    notice: Arc<Mutex<String>>,
}

/// Records on a thread of its own.
pub struct RecordingPlugin;

impl Plugin for RecordingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Recording>()
            .add_systems(Update, (switch_recording, record_frames).chain())
            .add_systems(
                OnExit(Stage::Playing),
                |mut recording: ResMut<Recording>| {
                    recording.stop();
                },
            );
    }
}

impl Recording {
    /// What a player should know of it.
    pub fn notice(&self) -> String {
        self.notice
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn start(&mut self, folder: &Path, manifest: &WorldManifest, seed: u64) {
        let (frames, written) = sync_channel(QUEUE);
        self.frames = Some(frames);
        self.newest = None;
        let name = format!("{}_{}", manifest.name, seconds());
        let (folder, manifest) = (folder.join(name), manifest.clone());
        let notice = self.notice.clone();
        tell(&notice, "● recording".to_owned());
        // The notice is all that the thread shares with the game.
        thread::spawn(move || {
            tell(
                &notice,
                match write(&folder, &manifest, seed, &written) {
                    Ok(frames) => format!("{frames} frames in {}", folder.display()),
                    Err(error) => format!("recording stopped: {error}"),
                },
            );
        });
    }

    fn stop(&mut self) {
        if let Some(frames) = self.frames.take()
            && let Some(newest) = self.newest.take()
        {
            // The last frame leads nowhere.
            frames.try_send((newest, ActionVector::default())).ok();
        }
    }
}

fn switch_recording(
    keys: Res<ButtonInput<KeyCode>>,
    mut recording: ResMut<Recording>,
    folder: Res<Recordings>,
    assets: Res<Assets<WorldAsset>>,
    played: Played<(&NeuralWorld, &ActiveEngine)>,
) {
    if !keys.just_pressed(KeyCode::F9) {
        return;
    }
    if recording.frames.is_some() {
        recording.stop();
    } else if let Some((world, engine)) = played.as_deref()
        && let Some(asset) = assets.get(&world.asset)
    {
        if engine.on_gpu {
            let how = "the pictures stay on the GPU; G switches to the processor, which can record";
            return tell(&recording.notice, how.to_owned());
        }
        recording.start(&folder.0, asset.manifest(), world.settings.seed);
    }
}

fn record_frames(mut recording: ResMut<Recording>, mut generated: MessageReader<FrameGenerated>) {
    for next in generated.read() {
        // An episode does not jump: a reset ends it.
        if next.index == 0 && recording.newest.is_some() {
            recording.stop();
        }
        let Some(frames) = recording.frames.clone() else {
            continue;
        };
        // The engine was switched to one whose pictures stay on the GPU.
        let Some(frame) = next.frame.clone() else {
            recording.stop();
            continue;
        };
        let last = recording.newest.replace(frame);
        // A full queue ends the recording rather than holding up the game.
        if let Some(last) = last
            && frames.try_send((last, next.action.clone())).is_err()
        {
            recording.frames = None;
        }
    }
}

/// Writes frames until the game sends no more.
fn write(
    folder: &Path,
    manifest: &WorldManifest,
    seed: u64,
    frames: &Receiver<(Arc<Frame>, ActionVector)>,
) -> Result<usize, DataError> {
    let vae = &manifest.config.vae;
    let spec = EpisodeSpec {
        game: format!("{} (generated)", manifest.name),
        fps: manifest.fps,
        width: vae.width,
        height: vae.height,
        schema: manifest.schema.clone(),
        seed,
    };
    let mut episode = EpisodeWriter::create(folder, spec)?;
    let out = folder.join("played.mp4");
    let mut video = VideoWriter::create(&out, vae.width, vae.height, manifest.fps, VIDEO_SCALE)?;
    while let Ok((frame, action)) = frames.recv() {
        let action = if action.0.is_empty() {
            manifest.schema.zeros()
        } else {
            action
        };
        episode.push(&frame, &action)?;
        video.push(&frame)?;
    }
    let frames = episode.len();
    episode.finish()?;
    if frames > 0 {
        video.finish()?;
    }
    Ok(frames)
}

fn tell(notice: &Mutex<String>, text: String) {
    *notice.lock().unwrap_or_else(PoisonError::into_inner) = text;
}

fn seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
