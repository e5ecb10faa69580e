//! Records the arena, played by a script, faster than real time and without a window:
//! `cargo run --release --example record_arena -- --episodes 200 --seconds 30 --seed 1 --out DIR`.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use arena::{ArenaAction, ArenaCamera, ArenaPlugin, Driver, ResetArena};
use bevy::app::AppExit;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bvgdm::record::{
    HeadlessError, HeadlessPlugins, RecordedCamera, RecorderEvent, RecorderPlugin,
    RecorderSettings, StartRecording, StopRecording, finish_recordings, has_gpu, warm_up,
};
use bvgdm_data::{Episode, EpisodeMetadata, METADATA_FILE};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Frames a second.
const RATE: u64 = 20;
/// In the folder that is recorded into.
const LOCK: &str = ".recorder";

#[derive(Parser)]
#[command(about = "Records episodes of the arena, played by a script")]
struct Args {
    /// How many episodes.
    #[arg(long, default_value_t = 200)]
    episodes: u64,
    /// The length of each, in seconds of the game.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// The seed of the first episode; each further one has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for `episode_00000` and so on, of this recorder alone. Those that are there and complete are
    /// kept, those that an earlier call did not finish are recorded anew.
    #[arg(long)]
    out: PathBuf,
    /// Pixels a row.
    #[arg(long, default_value_t = 112)]
    width: u32,
    /// Rows.
    #[arg(long, default_value_t = 64)]
    height: u32,
    /// Rendered pixels for one recorded pixel, in each direction.
    #[arg(long, default_value_t = 2)]
    supersample: u32,
}

impl Args {
    /// Of an episode.
    fn frames(&self) -> usize {
        (self.seconds * RATE) as usize
    }
}

fn main() -> AppExit {
    match record(&Args::parse()) {
        Ok(()) => AppExit::Success,
        Err(error) => {
            eprintln!("{error:#}");
            AppExit::error()
        }
    }
}

fn record(args: &Args) -> Result<()> {
    if !has_gpu() {
        return Err(HeadlessError::NoGpu.into());
    }
    let _alone = lock(&args.out)?;
    let mut app = App::new();
    let quiet = LogPlugin {
        filter: "error".to_owned(),
        ..default()
    };
    let settings = RecorderSettings {
        game: "arena".to_owned(),
        width: args.width,
        height: args.height,
        supersample: args.supersample,
        key: None,
        ..default()
    };
    app.add_plugins(HeadlessPlugins.set(quiet))
        .add_plugins(ArenaPlugin {
            seed: args.seed,
            driver: Driver::Script,
        })
        .add_plugins(RecorderPlugin::<ArenaAction>::new(settings))
        .add_systems(PostStartup, name_camera);
    warm_up(&mut app, Duration::from_secs(120))?;
    let frames = args.frames() as u64;
    let bar = ProgressBar::new(args.episodes * frames).with_style(style());
    let begin = Instant::now();
    let mut recorded = 0;
    for i in 0..args.episodes {
        let folder = args.out.join(format!("episode_{i:05}"));
        let seed = args.seed + i;
        if is_recorded(&folder, args, seed)? {
            bar.inc(frames);
            continue;
        }
        let world = app.world_mut();
        world.write_message(StopRecording);
        world.write_message(ResetArena { seed });
        world.write_message(StartRecording { folder, seed });
        for _ in 0..frames {
            app.update();
            bar.inc(1);
            check(&mut app)?;
        }
        recorded += frames;
    }
    app.world_mut().write_message(StopRecording);
    finish_recordings(&mut app, Duration::from_secs(60))?;
    check(&mut app)?;
    bar.finish();
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{recorded} frames in {seconds:.1} s: {:.0} frames a second",
        recorded as f64 / seconds
    );
    Ok(())
}

/// Keeps other recorders out of a folder: each takes what another has not finished for something left behind.
fn lock(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let path = folder.join(LOCK);
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "{}: another recorder writes here; a folder of its own (and a seed far from this one's) lets it run beside",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Whether an earlier call has recorded this very episode; what it has begun only is removed.
fn is_recorded(folder: &Path, args: &Args, seed: u64) -> Result<bool> {
    if !folder.exists() {
        return Ok(false);
    }
    if is_unfinished(folder) {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
        return Ok(false);
    }
    // Damaged, unreadable, or something else: not ours to remove.
    let episode = Episode::open(folder).with_context(|| {
        format!(
            "{}: no episode that could be kept, nor one that was only begun: move it, or take another --out",
            folder.display()
        )
    })?;
    let metadata = episode.metadata();
    let shown =
        |width, height, frames, seed| format!("{width} x {height}, {frames} frames, seed {seed}");
    let (width, height) = (args.width as usize, args.height as usize);
    let expected = shown(width, height, args.frames(), seed);
    let (width, height) = (metadata.width, metadata.height);
    let found = shown(width, height, metadata.frame_count, metadata.seed);
    if found != expected {
        bail!(
            "{}: expected {expected}, found {found}: take another --out",
            folder.display()
        );
    }
    Ok(true)
}

/// Whether a recorder was stopped here: its metadata says that the episode is not complete, or it had not come to
/// write any.
fn is_unfinished(folder: &Path) -> bool {
    let file = folder.join(METADATA_FILE);
    let text = fs::read(&file).ok();
    match text.and_then(|text| EpisodeMetadata::parse(&text, &file).ok()) {
        Some(metadata) => !metadata.complete,
        None => is_barely_begun(folder).unwrap_or(false),
    }
}

/// Whether there is nothing in the folder but what a writer makes before there is a frame: an empty folder for
/// frames, an empty file for actions, and metadata that are empty or do not have their name yet.
fn is_barely_begun(folder: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.metadata()?;
        let left_over = match entry.file_name().to_str() {
            Some("frames") => found.is_dir() && fs::read_dir(entry.path())?.next().is_none(),
            Some("actions.jsonl" | METADATA_FILE) => found.is_file() && found.len() == 0,
            Some("metadata.ron.tmp") => found.is_file(),
            _ => false,
        };
        if !left_over {
            return Ok(false);
        }
    }
    Ok(true)
}

fn name_camera(mut commands: Commands, camera: Single<Entity, With<ArenaCamera>>) {
    commands.entity(*camera).insert(RecordedCamera);
}

/// Fails when a recording has failed.
fn check(app: &mut App) -> Result<()> {
    let mut events = app.world_mut().resource_mut::<Messages<RecorderEvent>>();
    for event in events.drain() {
        if let RecorderEvent::Failed { folder, reason } = event {
            bail!("{}: {reason}", folder.display());
        }
    }
    Ok(())
}

fn style() -> ProgressStyle {
    let bar = "{bar:40} {pos}/{len} frames, {per_sec}, {eta} left";
    ProgressStyle::with_template(bar).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use bvgdm_core::{ActionSchema, Frame};
    use bvgdm_data::{EpisodeSpec, EpisodeWriter};

    use super::*;

    /// A folder with an episode of no actions and 20 grey frames, one chunk; complete if it is finished.
    fn record(folder: &Path, finish: bool) {
        let schema = ActionSchema {
            actions: Vec::new(),
        };
        let action = schema.zeros();
        let spec = EpisodeSpec {
            game: "arena".to_owned(),
            fps: RATE as f64,
            width: 4,
            height: 2,
            schema,
            seed: 7,
        };
        let mut writer = EpisodeWriter::create(folder, spec).unwrap();
        for _ in 0..RATE {
            let frame = Frame::new(4, 2, vec![128; 24]).unwrap();
            writer.push(&frame, &action).unwrap();
        }
        if finish {
            writer.finish().unwrap();
        }
    }

    fn recorded(folder: &Path) -> Result<bool> {
        let words = "record_arena --seconds 1 --width 4 --height 2 --out .".split(' ');
        is_recorded(folder, &Args::parse_from(words), 7)
    }

    /// A folder with an episode that is complete.
    fn complete(root: &Path, name: &str) -> PathBuf {
        let folder = root.join(name);
        record(&folder, true);
        folder
    }

    #[test]
    fn a_complete_episode_is_kept_and_one_that_was_begun_is_recorded_anew() {
        let root = tempfile::tempdir().unwrap();
        assert!(!recorded(&root.path().join("missing")).unwrap());
        assert!(recorded(&complete(root.path(), "complete")).unwrap());

        let begun = root.path().join("begun");
        record(&begun, false);
        assert!(!recorded(&begun).unwrap());
        assert!(!begun.exists());

        // Before there are metadata, and where the system went down before they were on the disk.
        for metadata in ["metadata.ron.tmp", METADATA_FILE] {
            let barely = root.path().join("barely begun");
            fs::create_dir_all(barely.join("frames")).unwrap();
            for name in ["actions.jsonl", metadata] {
                fs::write(barely.join(name), "").unwrap();
            }
            assert!(!recorded(&barely).unwrap());
            assert!(!barely.exists());
        }
    }

    #[test]
    fn what_cannot_be_opened_stays_and_is_named() {
        let root = tempfile::tempdir().unwrap();
        // A chunk is missing, the metadata are cut, or lost.
        let chunk = complete(root.path(), "no chunk");
        fs::remove_file(chunk.join("frames/000000.chunk")).unwrap();
        let cut = complete(root.path(), "cut");
        let text = fs::read(cut.join(METADATA_FILE)).unwrap();
        fs::write(cut.join(METADATA_FILE), &text[..text.len() / 2]).unwrap();
        let lost = complete(root.path(), "lost");
        fs::remove_file(lost.join(METADATA_FILE)).unwrap();
        let other = root.path().join("something else");
        fs::create_dir_all(&other).unwrap();
        fs::write(other.join("diary.txt"), "mine").unwrap();
        for folder in [chunk, cut, lost, other] {
            let error = format!("{:#}", recorded(&folder).unwrap_err());
            let name = folder.display().to_string();
            assert!(error.contains(&name), "{name} is not in {error}");
            assert!(fs::read_dir(&folder).unwrap().next().is_some(), "{name}");
        }
    }
}
