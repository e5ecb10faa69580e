//! `bvgdm import csgo`.

use std::path::PathBuf;

use anyhow::Result;
use bvgdm_data::import::{CSGO_FPS, PicturesOptions, import_csgo};

use super::frames::Shape;
use crate::output::say;
use crate::progress;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The recordings (NAME.hdf5)
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where the episodes go, one folder each
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    shape: Shape,
}

pub fn run(args: &Args) -> Result<()> {
    for file in &args.files {
        let options = PicturesOptions {
            game: args.shape.game(file),
            fps: CSGO_FPS,
            size: args.shape.size()?,
            fit: args.shape.fit(),
        };
        let bar = progress::bar(0, "import");
        let report = import_csgo(file, &options, &args.out, &mut |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
        for (dir, frames) in &report.episodes {
            say!("{frames} frames: {}", dir.display());
        }
    }
    Ok(())
}
