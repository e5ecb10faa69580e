//! One clip: its frames and actions, resampled, as one episode or several.

use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionVector, same_rate};

use super::bindings::Bindings;
use super::folder::Clip;
use super::log::{self, Kind, Moment};
use super::pending::{Pending, part};
use super::spans::{Span, spans};
use crate::error::{DataError, Result};
use crate::metadata::{METADATA_FILE, max_frames};
use crate::resize::{Fit, Resizer};
use crate::timeline::Timeline;
use crate::video::{VideoDecoder, VideoReader};
use crate::writer::{EpisodeSpec, EpisodeWriter};

/// A log may have this many lines more or fewer than the video has frames, and a twentieth: what
/// has no partner at the end is left out.
const MAX_UNPAIRED: usize = 20;

/// What episodes of clips are like.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportOptions {
    /// The name of the game.
    pub game: String,
    /// Frames a second, 0.1 to 1000, that the clip is resampled to; nothing for the clip's own frames,
    /// each once, at their mean rate.
    pub fps: Option<f64>,
    /// Where `fps` says nothing: what the episodes beside it have. A clip of nearly that rate keeps its
    /// frames and goes by it, any other is resampled.
    pub fps_beside: Option<f64>,
    /// Pixels a row and rows; nothing for the clip's.
    pub size: Option<(usize, usize)>,
    /// How a picture of other proportions becomes one of `size`.
    pub fit: Fit,
    /// Cuts the clip where a menu is open.
    pub skip_gui: bool,
    /// Leaves out the frames at which nothing is held or moved, as the VPT paper did.
    pub skip_idle: bool,
    /// Which decoder reads the clip.
    pub decoder: VideoDecoder,
}

/// What became of a clip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Imported {
    /// The episodes and how many frames each has.
    pub episodes: Vec<(PathBuf, usize)>,
    /// Frames of the video.
    pub frames: usize,
    /// Lines of the log.
    pub lines: usize,
    /// Values of axes beyond the schema's bounds, which were brought to the bound.
    pub clamped: usize,
    /// By how many frames the times of those that were kept as they are leave an even pace, at most.
    pub uneven: f64,
    /// The clip's frames a second and the episode's, where they differ and frames were left out or shown again.
    pub resampled: Option<(f64, f64)>,
    /// Whether `ffmpeg` decoded it.
    pub used_ffmpeg: bool,
}

impl ImportOptions {
    /// Frames a second of a clip's episodes, and whether the clip's own frames are kept as they are.
    fn rate(&self, own: f64) -> (f64, bool) {
        match (self.fps, self.fps_beside) {
            (Some(fps), _) => (fps, false),
            (None, Some(fps)) => (fps, same_rate(own, fps)),
            (None, None) => (own, true),
        }
    }
}

/// Writes the episodes of a clip below `out`: `out/NAME`, or `out/NAME/000` and so on where it is
/// cut. Without `bindings`, the log is not read and the episode has no actions.
///
/// Frame i of the video is paired with line i of the log. `progress` is told the frames that are
/// decoded and how many there are. The folder appears when all of the clip has been read; before, it is
/// `NAME.partial`, which goes away with an error and is replaced by the next attempt after a kill.
///
/// # Errors
/// When the video or the log is damaged, too many frames have no line, or an episode of the name is
/// there already.
pub fn import_clip(
    clip: &Clip,
    bindings: Option<&Bindings>,
    options: &ImportOptions,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Imported> {
    let mut reader = VideoReader::open(&clip.video, options.decoder)?;
    let info = reader.info().clone();
    let schema = bindings.map_or(ActionSchema { actions: vec![] }, |b| b.schema().clone());
    let mut report = Imported {
        frames: info.times.len(),
        ..Imported::default()
    };
    let moments = match bindings {
        Some(bindings) => read_log(clip, bindings, info.times.len())?,
        None => unlogged(info.times.len()),
    };
    report.lines = if bindings.is_some() { moments.len() } else { 0 };
    let paired = moments.len().min(info.times.len());
    let (kinds, actions): (Vec<_>, Vec<_>) = moments
        .into_iter()
        .take(paired)
        .map(|moment| (moment.kind, moment.action))
        .unzip();

    let spans = spans(&info.times, &kinds, options.skip_gui, options.skip_idle);
    if spans.is_empty() {
        return Err(DataError::invalid(
            &clip.video,
            "frames",
            "some to keep",
            "none",
        ));
    }
    let size = options.size.unwrap_or((info.width, info.height));
    let (fps, as_recorded) = options.rate(info.fps);
    let resizer = Resizer::new(
        (info.width, info.height),
        checked_size(size, out)?,
        options.fit,
    );
    let mut source = Frames {
        reader: &mut reader,
        next: 0,
        count: info.times.len(),
        progress,
    };
    let pending = Pending::create(out, &clip.name)?;
    // Its episodes within its folder: the folder itself, or parts of it.
    let within = |number| match spans.len() {
        1 => PathBuf::new(),
        _ => part(number).into(),
    };
    let mut frames = Vec::new();
    for (number, span) in spans.iter().enumerate() {
        let spec = EpisodeSpec {
            game: options.game.clone(),
            fps,
            width: size.0,
            height: size.1,
            schema: schema.clone(),
            seed: 0,
        };
        let place = pending.place().join(within(number));
        let mut episode = EpisodeWriter::create(&place, spec)?;
        let most = max_frames(&schema);
        let timeline = match as_recorded {
            true => {
                report.uneven = report.uneven.max(span.uneven());
                Timeline::as_recorded(span.times.len(), most, &place)?
            }
            false => Timeline::new(&span.times, fps, most, &place)?,
        };
        write_span(
            (span, &timeline),
            (&actions, &schema),
            &mut source,
            &resizer,
            &mut episode,
            &mut report,
        )?;
        episode.finish()?;
        frames.push(timeline.len());
    }
    // To the end, so that a clip whose last part cannot be decoded is not taken for sound.
    source.frame(info.times.len())?;
    let dir = pending.publish()?;
    let dirs = (0..frames.len()).map(|number| dir.join(within(number)));
    report.episodes = dirs.zip(frames).collect();
    report.resampled = (!as_recorded && fps != info.fps).then_some((info.fps, fps));
    report.used_ffmpeg = reader.uses_ffmpeg();
    Ok(report)
}

/// The episode of the clip's name that `out` has, its first part if it was cut.
pub fn imported(clip: &Clip, out: &Path) -> Option<PathBuf> {
    let dir = out.join(&clip.name);
    let dirs = [dir.join(part(0)), dir];
    dirs.into_iter()
        .find(|dir| dir.join(METADATA_FILE).is_file())
}

fn read_log(clip: &Clip, bindings: &Bindings, frames: usize) -> Result<Vec<Moment>> {
    let Some(file) = &clip.log else {
        let expected = format!("{}.jsonl beside it", clip.name);
        return Err(DataError::invalid(
            &clip.video,
            "log of actions",
            expected,
            "no such file",
        ));
    };
    let unpaired = MAX_UNPAIRED + frames / 20;
    let most = (frames + unpaired).min(max_frames(bindings.schema()));
    let moments = log::read(file, bindings, most)?;
    if moments.is_empty() || moments.len() + unpaired < frames {
        let expected = format!(
            "about {frames}, one for every frame of {}",
            clip.video.display()
        );
        return Err(DataError::invalid(file, "lines", expected, moments.len()));
    }
    Ok(moments)
}

fn unlogged(frames: usize) -> Vec<Moment> {
    let moment = Moment {
        action: ActionVector::default(),
        kind: Kind::Active,
    };
    vec![moment; frames]
}

/// Before anything is made from it.
fn checked_size(size: (usize, usize), out: &Path) -> Result<(usize, usize)> {
    let side = 1..=bvgdm_core::Frame::MAX_SIDE;
    if side.contains(&size.0) && side.contains(&size.1) {
        return Ok(size);
    }
    let expected = format!("1 to {} a side", side.end());
    let found = format!("{} x {}", size.0, size.1);
    Err(DataError::invalid(out, "size", expected, found))
}

fn write_span(
    (span, timeline): (&Span, &Timeline),
    (actions, schema): (&[ActionVector], &ActionSchema),
    source: &mut Frames<'_>,
    resizer: &Resizer,
    episode: &mut EpisodeWriter,
    report: &mut Imported,
) -> Result<()> {
    let held: Vec<_> = span
        .frames
        .iter()
        .filter_map(|&frame| actions.get(frame).cloned())
        .collect();
    let mut current = None;
    for k in 0..timeline.len() {
        let shown = timeline.shown(k);
        let index = span.frames.get(shown).copied().unwrap_or_default();
        if current.as_ref().is_none_or(|(at, _)| *at != index)
            && let Some(frame) = source.frame(index)?
        {
            current = Some((index, resizer.resize(&frame)));
        }
        let summed = timeline.action(k, &held, schema);
        let mut action = summed.clone();
        schema.clamp(&mut action);
        report.clamped += summed
            .0
            .iter()
            .zip(&action.0)
            .filter(|(a, b)| a != b)
            .count();
        if let Some((_, frame)) = &current {
            episode.push(frame, &action)?;
        }
    }
    Ok(())
}

/// The frames of a clip by their number, forwards only.
struct Frames<'a> {
    reader: &'a mut VideoReader,
    next: usize,
    count: usize,
    progress: &'a mut dyn FnMut(usize, usize),
}

impl Frames<'_> {
    /// Frame `index`, none behind the end. What lies before it is decoded and passed over.
    fn frame(&mut self, index: usize) -> Result<Option<bvgdm_core::Frame>> {
        loop {
            let frame = self.reader.next_frame()?;
            let at = self.next;
            if frame.is_none() || at == index {
                self.next += usize::from(frame.is_some());
                (self.progress)(self.next, self.count);
                return Ok(frame);
            }
            self.next += 1;
            (self.progress)(self.next, self.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_keeps_its_frames_unless_another_rate_is_asked_for_or_needed() {
        let rate = |fps, fps_beside, own| {
            let options = ImportOptions {
                game: String::new(),
                fps,
                fps_beside,
                size: None,
                fit: Fit::Stretch,
                skip_gui: false,
                skip_idle: false,
                decoder: VideoDecoder::Auto,
            };
            options.rate(own)
        };
        assert_eq!(rate(None, None, 29.93), (29.93, true));
        assert_eq!(rate(Some(20.0), None, 20.0), (20.0, false));
        assert_eq!(rate(None, Some(30.0), 29.93), (30.0, true));
        assert_eq!(rate(None, Some(30.0), 20.0), (30.0, false));
    }
}
