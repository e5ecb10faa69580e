//! `bvgdm play`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use bvgdm_data::export::ExportOptions;

use crate::count::parse_count;
use crate::output::say;
use crate::rollout::{RollOut, Settings};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The manifest (NAME.world.ron)
    world: PathBuf,
    /// Frames to generate
    #[arg(long, default_value_t = 400, value_parser = parse_count)]
    frames: usize,
    /// play.mp4, play.gif, play.webm, or a folder for PNGs
    #[arg(long)]
    out: PathBuf,
    /// How much larger than the world's frames
    #[arg(long, default_value_t = 4)]
    scale: u32,
    #[command(flatten)]
    settings: Settings,
}

pub fn run(args: &Args) -> Result<()> {
    let scale = args.scale as usize;
    let larger = |side: usize| side.saturating_mul(scale);
    let job = RollOut {
        world: &args.world,
        frames: args.frames,
        settings: &args.settings,
        out: &args.out,
        options: |(width, height)| {
            Ok(ExportOptions {
                size: Some((larger(width), larger(height))),
                ..ExportOptions::default()
            })
        },
    };
    job.play().context("play")?;
    say!("{} frames: {}", args.frames, args.out.display());
    Ok(())
}
