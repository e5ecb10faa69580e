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
use bvgdm_data::{Episode, METADATA_FILE};
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
    let episode = match Episode::open(folder) {
        // Something else, which is not ours to remove.
        Err(error) if !folder.join(METADATA_FILE).exists() => return Err(error.into()),
        episode => episode,
    };
    if let Ok(metadata) = episode.as_ref().map(Episode::metadata)
        && metadata.complete
    {
        let shown = |width, height, frames, seed| {
            format!("{width} x {height}, {frames} frames, seed {seed}")
        };
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
        return Ok(true);
    }
    fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    Ok(false)
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
