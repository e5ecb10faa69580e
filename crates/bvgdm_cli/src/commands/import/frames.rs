//! `bvgdm import frames`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use bvgdm_data::Fit;
use bvgdm_data::export::SCHEMA_FILE;
use bvgdm_data::import::{PicturesOptions, import_pictures, load_schema};

use crate::output::say;
use crate::progress;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder with the PNGs and actions.jsonl
    dir: PathBuf,
    /// Where the episode goes, as a folder of the same name
    #[arg(long)]
    out: PathBuf,
    /// Frames a second of the pictures
    #[arg(long, default_value_t = 20.0)]
    fps: f64,
    #[command(flatten)]
    shape: Shape,
    /// The actions, a RON list [default: schema.ron in the folder]
    #[arg(long)]
    schema: Option<PathBuf>,
    /// Import the pictures alone
    #[arg(long, conflicts_with = "schema")]
    no_actions: bool,
}

/// The name of the game and the size of its frames.
#[derive(Debug, Clone, clap::Args)]
pub struct Shape {
    /// Pixels a row [default: those of the first frame]
    #[arg(long)]
    width: Option<usize>,
    /// Rows [default: those of the first frame]
    #[arg(long)]
    height: Option<usize>,
    /// How a picture of other proportions is brought to that size
    #[arg(long, value_enum, default_value_t)]
    fit: HowToFit,
    /// The name of the game [default: that of the folder, or of the one file]
    #[arg(long)]
    game: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum HowToFit {
    /// All of it, stretched
    #[default]
    Stretch,
    /// The middle of it, with its proportions
    Crop,
}

impl Shape {
    pub fn size(&self) -> Result<Option<(usize, usize)>> {
        match (self.width, self.height) {
            (None, None) => Ok(None),
            (Some(width), Some(height)) => Ok(Some((width, height))),
            _ => bail!("--width and --height: expected both or none, found one"),
        }
    }

    pub fn fit(&self) -> Fit {
        match self.fit {
            HowToFit::Stretch => Fit::Stretch,
            HowToFit::Crop => Fit::Crop,
        }
    }

    pub fn game(&self, dir: &Path) -> String {
        let whole = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
        let name = match whole.is_file() {
            true => whole.file_stem(),
            false => whole.file_name(),
        };
        let name = name.unwrap_or_default().to_string_lossy();
        self.game.clone().unwrap_or_else(|| name.into_owned())
    }
}

pub fn run(args: &Args) -> Result<()> {
    let schema = match args.no_actions {
        true => None,
        false => {
            let beside = args.dir.join(SCHEMA_FILE);
            Some(load_schema(args.schema.as_deref().unwrap_or(&beside))?)
        }
    };
    let options = PicturesOptions {
        game: args.shape.game(&args.dir),
        fps: args.fps,
        size: args.shape.size()?,
        fit: args.shape.fit(),
    };
    let bar = progress::bar(0, "import");
    let report = import_pictures(
        &args.dir,
        schema.as_ref(),
        &options,
        &args.out,
        &mut |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        },
    )?;
    bar.finish_and_clear();
    for (dir, frames) in &report.episodes {
        say!("{frames} frames: {}", dir.display());
    }
    Ok(())
}
