//! `bvgdm export`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use bvgdm_data::Episode;
use bvgdm_data::export::{ExportOptions, Exported, ShowActions, export_episode};

use crate::count::parse_count;
use crate::output::say;
use crate::progress;
use crate::rollout::{RollOut, Settings};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An episode's folder, or a world's manifest (NAME.world.ron), which is played
    what: PathBuf,
    /// NAME.mp4 (H.264), NAME.gif, NAME.webm (VP9, needs ffmpeg), or a folder for PNGs
    #[arg(long)]
    out: PathBuf,
    /// Frames a second; the duration stays [default: the recording's]
    #[arg(long)]
    fps: Option<f64>,
    /// Pixels a row [default: the recording's, or in proportion to the height]
    #[arg(long)]
    width: Option<usize>,
    /// Rows [default: the recording's, or in proportion to the width]
    #[arg(long)]
    height: Option<usize>,
    /// What becomes of the actions [default: nothing]
    #[arg(long, value_enum)]
    show_actions: Option<Show>,
    /// Frames of the recording [default: all of an episode, 400 of a world]
    #[arg(long, value_parser = parse_count)]
    frames: Option<usize>,
    /// The first of an episode's frames [default: 0]
    #[arg(long)]
    first: Option<usize>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Show {
    /// A line a frame in NAME.jsonl; in a folder, actions.jsonl and schema.ron
    Sidecar,
    /// Drawn over the picture
    Overlay,
}

pub fn run(args: &Args) -> Result<()> {
    let exported = if args.what.is_dir() {
        episode(args)?
    } else {
        if let Some(first) = args.first {
            bail!("--first {first}: expected an episode, found a world, which begins at its start");
        }
        let options = |size| args.options(size);
        let job = RollOut {
            world: &args.what,
            frames: args.frames.unwrap_or(400),
            settings: &args.settings,
            out: &args.out,
            options,
        };
        job.play().context("play")?
    };
    print(&exported, &args.out);
    Ok(())
}

fn episode(args: &Args) -> Result<Exported> {
    if let Some(option) = args.settings.given() {
        bail!("{option}: expected a world to play, found an episode, which is shown as it is");
    }
    let episode = Episode::open(&args.what)?;
    let first = args.first.unwrap_or(0);
    if first >= episode.len() {
        let last = episode.len().saturating_sub(1);
        bail!("--first: expected 0 to {last}, found {first}");
    }
    let rest = episode.len() - first;
    let count = args.frames.unwrap_or(rest).min(rest);
    let metadata = episode.metadata();
    let options = args.options((metadata.width, metadata.height))?;
    let bar = progress::bar(count as u64, "export");
    let range = first..first + count;
    let exported = export_episode(&episode, range, &args.out, &options, &mut |done, _| {
        bar.set_position(done as u64);
    })?;
    bar.abandon();
    Ok(exported)
}

fn print(exported: &Exported, out: &Path) {
    say!(
        "{} frames of {} x {}, {} a second: {}",
        exported.frames,
        exported.width,
        exported.height,
        exported.fps,
        out.display()
    );
}

impl Args {
    fn options(&self, (width, height): (usize, usize)) -> Result<ExportOptions> {
        let proportional = |side: usize, of: usize, to: usize| {
            (side as f64 * to as f64 / of.max(1) as f64)
                .round()
                .max(1.0) as usize
        };
        let size = match (self.width, self.height) {
            (None, None) => None,
            (Some(w), Some(h)) => Some((w, h)),
            (Some(w), None) => Some((w, proportional(height, width, w))),
            (None, Some(h)) => Some((proportional(width, height, h), h)),
        };
        Ok(ExportOptions {
            fps: self.fps,
            size,
            actions: match self.show_actions {
                None => ShowActions::No,
                Some(Show::Sidecar) => ShowActions::Sidecar,
                Some(Show::Overlay) => ShowActions::Overlay,
            },
        })
    }
}
