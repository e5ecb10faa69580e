//! F9 records what is played: an episode to learn from, and a video to look at.

mod copies;
mod film;
mod reel;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use bvgdm::{FrameGenerated, NeuralWorld, WorldAsset, WorldReseeded};
use bvgdm_core::WorldManifest;

use self::copies::Copies;
use self::reel::{Picture, Reel};
use crate::neural_game::stage::{Played, Stage};

/// The folder of all recordings.
#[derive(Resource)]
pub struct Recordings(pub PathBuf);

/// What is being recorded.
#[derive(Resource, Default)]
pub struct Recording {
    reel: Option<Reel>,
    /// Those that wait for their last pictures or for the disk.
    closing: Vec<Reel>,
    /// What became of the last one.
    outcome: String,
}

/// Records on a thread of its own.
pub struct RecordingPlugin;

impl Plugin for RecordingPlugin {
    fn build(&self, app: &mut App) {
        copies::add_copies(app);
        app.init_resource::<Recording>()
            .add_systems(
                Update,
                (switch_recording, record_frames, close_reels).chain(),
            )
            .add_systems(
                OnExit(Stage::Playing),
                |mut recording: ResMut<Recording>| recording.end(Some("the world has stopped")),
            );
    }
}

impl Recording {
    /// What a player should know of it.
    pub fn notice(&self) -> &str {
        match (&self.reel, self.closing.is_empty()) {
            (Some(_), _) => "● recording",
            (None, false) => "writing the recording",
            (None, true) => &self.outcome,
        }
    }

    fn start(&mut self, folder: &Path, manifest: &WorldManifest, seed: u64) {
        let folder = folder.join(format!("{}_{}", plain(&manifest.name), milliseconds()));
        match Reel::start(folder, manifest, seed) {
            Ok(reel) => self.reel = Some(reel),
            Err(error) => self.conclude(format!("nothing can be recorded: {error}")),
        }
    }

    /// `reason` is why, if not by the player's wish.
    fn end(&mut self, reason: Option<&'static str>) {
        if let Some(mut reel) = self.reel.take() {
            reel.end(reason);
            self.closing.push(reel);
        }
    }

    fn conclude(&mut self, outcome: String) {
        info!("{outcome}");
        self.outcome = outcome;
    }
}

fn switch_recording(
    keys: Res<ButtonInput<KeyCode>>,
    mut recording: ResMut<Recording>,
    folder: Res<Recordings>,
    assets: Res<Assets<WorldAsset>>,
    played: Played<&NeuralWorld>,
) {
    if !keys.just_pressed(KeyCode::F9) {
        return;
    }
    if recording.reel.is_some() {
        recording.end(None);
    } else if let Some(world) = played.as_deref()
        && let Some(asset) = assets.get(&world.asset)
    {
        recording.start(&folder.0, asset.manifest(), world.settings.seed);
    }
}

fn record_frames(
    mut recording: ResMut<Recording>,
    mut copies: ResMut<Copies>,
    mut generated: MessageReader<FrameGenerated>,
    mut reseeded: MessageReader<WorldReseeded>,
    worlds: Query<&NeuralWorld>,
) {
    let Recording { reel, closing, .. } = &mut *recording;
    for copied in copies.begin_frame() {
        for reel in reel.iter_mut().chain(closing.iter_mut()) {
            reel.develop(copied.number, copied.frame.as_ref());
        }
    }
    if reseeded.read().last().is_some() {
        recording.end(Some("the world was interrupted"));
    }
    for next in generated.read() {
        // An episode does not jump: a new beginning ends it.
        if next.index == 0 && recording.reel.as_ref().is_some_and(Reel::has_begun) {
            recording.end(Some("the world began anew"));
        }
        let Some(reel) = &mut recording.reel else {
            continue;
        };
        let picture = match (&next.frame, worlds.get(next.world)) {
            (Some(frame), _) => Picture::Here(frame.clone()),
            (None, Ok(world)) => Picture::Coming(copies.ask(&world.target)),
            // The world is gone, and its picture with it.
            (None, Err(_)) => continue,
        };
        reel.add(picture, &next.action);
    }
}

/// Reels that have ended, by themselves too, are waited for without holding up the game.
fn close_reels(mut recording: ResMut<Recording>) {
    if recording.reel.as_ref().is_some_and(Reel::has_ended) {
        recording.end(None);
    }
    let written = |reel: &mut Reel| reel.is_written();
    let written: Vec<_> = recording.closing.extract_if(.., written).collect();
    for mut reel in written {
        recording.conclude(reel.close());
    }
}

/// A world's name comes from a file: nothing of it may lead to another folder.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    name.chars().take(64).map(plain).collect()
}

fn milliseconds() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis())
}
