//! `bvgdm import vpt`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use bvgdm_core::{WorldManifest, same_rate};
use bvgdm_data::import::{
    Bindings, Clip, ImportOptions, Imported, find_clips, import_clip, imported,
};
use bvgdm_data::video::VideoDecoder;

use super::frames::Shape;
use crate::output::say;
use crate::progress;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder with NAME.mp4 or NAME.webm and NAME.jsonl beside it, or one video
    dir: PathBuf,
    /// Where the episodes go, one folder each
    #[arg(long)]
    out: PathBuf,
    /// Frames a second that clips are resampled to [default: the first clip's, whose frames stay as they are]
    #[arg(long)]
    fps: Option<f64>,
    #[command(flatten)]
    shape: Shape,
    /// The actions: oasis (25), a RON list, or the manifest of a world (NAME.world.ron)
    #[arg(long, default_value = "oasis")]
    schema: String,
    /// Import the pictures alone
    #[arg(long, conflicts_with = "schema")]
    no_actions: bool,
    /// Cut the clips where a menu is open
    #[arg(long)]
    skip_gui: bool,
    /// Leave out frames at which nothing is held or moved
    #[arg(long)]
    skip_idle: bool,
    /// What decodes
    #[arg(long, value_enum, default_value_t)]
    decoder: Decoder,
    /// Go on where an earlier call was stopped: clips whose episodes are there are passed over
    #[arg(long)]
    resume: bool,
    /// Go on with the next clip where one is damaged
    #[arg(long)]
    keep_going: bool,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Decoder {
    /// The built-in one where it is exact, else an installed ffmpeg
    #[default]
    Auto,
    /// The built-in one (H.264 in MP4)
    Native,
    /// The installed ffmpeg
    Ffmpeg,
}

pub fn run(args: &Args) -> Result<()> {
    let bindings = match args.no_actions {
        true => None,
        false => Some(bindings(&args.schema)?),
    };
    let clips = find_clips(&args.dir, bindings.is_some())?;
    let mut options = ImportOptions {
        game: args.shape.game(&args.dir),
        fps: args.fps,
        fps_beside: None,
        size: args.shape.size()?,
        fit: args.shape.fit(),
        skip_gui: args.skip_gui,
        skip_idle: args.skip_idle,
        decoder: match args.decoder {
            Decoder::Auto => VideoDecoder::Auto,
            Decoder::Native => VideoDecoder::Native,
            Decoder::Ffmpeg => VideoDecoder::Ffmpeg,
        },
    };
    let begin = Instant::now();
    let (mut frames, mut there, mut failed) = (0, 0, 0);
    let earlier = |clip| imported(clip, &args.out).filter(|_| args.resume);
    if let Some(dir) = clips.iter().find_map(earlier) {
        be_like(&mut options, bindings.as_ref(), &dir)?;
    }
    for clip in &clips {
        if earlier(clip).is_some() {
            say!("{}: there already", clip.name);
            there += 1;
            continue;
        }
        match one(clip, bindings.as_ref(), &options, &args.out) {
            Ok(report) => {
                frames += report.episodes.iter().map(|(_, n)| n).sum::<usize>();
                if let (None, Some((dir, _))) = (options.fps_beside, report.episodes.first()) {
                    be_like(&mut options, bindings.as_ref(), dir)?;
                }
            }
            Err(error) if args.keep_going => {
                eprintln!("error: {error:#}");
                failed += 1;
            }
            Err(error) => return Err(error),
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let done = clips.len() - failed - there;
    say!(
        "{done} clips, {frames} frames in {seconds:.1} s: {}",
        args.out.display()
    );
    if failed > 0 {
        bail!("{failed} of {} clips could not be imported", clips.len());
    }
    Ok(())
}

/// All episodes of a data set have one rate and one size: those of this one, which what was asked for may not
/// contradict.
fn be_like(options: &mut ImportOptions, bindings: Option<&Bindings>, dir: &Path) -> Result<()> {
    let episode = bvgdm_data::Episode::open(dir)?;
    let metadata = episode.metadata();
    let size = (metadata.width, metadata.height);
    let schema = bindings.map_or(&[][..], |bindings| &bindings.schema().actions);
    let alike = options.fps.is_none_or(|fps| same_rate(fps, metadata.fps))
        && *options.size.get_or_insert(size) == size
        && *schema == metadata.schema.actions;
    if !alike {
        bail!(
            "{}: expected the rate, size and actions that are asked for, found {} frames a second of {} x {} \
             and {:?}",
            dir.display(),
            metadata.fps,
            metadata.width,
            metadata.height,
            metadata.schema.names().collect::<Vec<_>>()
        );
    }
    // To the last digit.
    options.fps = options.fps.map(|_| metadata.fps);
    options.fps_beside = Some(metadata.fps);
    Ok(())
}

fn one(
    clip: &Clip,
    bindings: Option<&Bindings>,
    options: &ImportOptions,
    out: &Path,
) -> Result<Imported> {
    let bar = progress::bar(0, &clip.name);
    let report = import_clip(clip, bindings, options, out, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    let kept: usize = report.episodes.iter().map(|(_, frames)| frames).sum();
    let decoder = if report.used_ffmpeg {
        "ffmpeg"
    } else {
        "built in"
    };
    let mut line = format!(
        "{}: {} frames (decoder: {decoder})",
        clip.name, report.frames
    );
    if bindings.is_some() {
        line += &format!(", {} lines", report.lines);
    }
    line += &format!(" -> {} episodes of {kept} frames", report.episodes.len());
    if let Some((from, to)) = report.resampled {
        line += &format!("; from {from:.2} to {to:.2} a second");
    }
    if report.uneven > 1.0 {
        line += &format!(
            "; up to {:.0} frames from an even pace (`--fps` resamples)",
            report.uneven
        );
    }
    if report.clamped > 0 {
        line += &format!(
            "; {} values beyond the schema's bounds were cut",
            report.clamped
        );
    }
    say!("{line}");
    Ok(report)
}

fn bindings(schema: &str) -> Result<Bindings> {
    let path = Path::new(schema);
    Ok(if schema == "oasis" {
        Bindings::oasis()
    } else if schema.ends_with(".world.ron") {
        Bindings::by_name(WorldManifest::load(path)?.schema, path)?
    } else {
        Bindings::load(path)?
    })
}
