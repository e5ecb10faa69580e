//! Episodes and roll-outs as videos, at another size and rate, with what was held.

use std::fs;
use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionVector, Frame, write_atomic};

use crate::actions::{self, ACTIONS_FILE};
use crate::error::{DataError, Result};
use crate::metadata::max_frames;
use crate::resize::{Fit, Resizer};
use crate::timeline::Timeline;
use crate::video::VideoWriter;
use crate::video::scale::enlarge;

mod episode;
mod font;
mod overlay;

pub use episode::export_episode;

/// The schema beside `actions.jsonl` in a folder of pictures.
pub const SCHEMA_FILE: &str = "schema.ron";

/// What becomes of the actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShowActions {
    /// Nothing.
    #[default]
    No,
    /// A line a frame beside the video: `NAME.jsonl`; in a folder of pictures, `actions.jsonl` and
    /// `schema.ron`.
    Sidecar,
    /// Drawn over the picture.
    Overlay,
}

/// How frames are exported.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ExportOptions {
    /// Frames a second, 0.1 to 1000; nothing for those of the recording. The duration stays: frames
    /// are left out or shown again.
    pub fps: Option<f64>,
    /// Pixels a row and rows; nothing for those of the recording.
    pub size: Option<(usize, usize)>,
    /// What becomes of the actions.
    pub actions: ShowActions,
}

/// What is exported: as many frames as actions, each held from its frame to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Frames a second.
    pub fps: f64,
    /// What the actions mean.
    pub schema: ActionSchema,
    /// One a frame.
    pub actions: Vec<ActionVector>,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exported {
    /// Frames.
    pub frames: usize,
    /// Frames a second.
    pub fps: f64,
    /// Pixels a row, before a side that must be even is made so.
    pub width: usize,
    /// Rows, likewise.
    pub height: usize,
}

/// Writes a recording whose frames come one after the other.
#[derive(Debug)]
pub struct Exporter {
    out: PathBuf,
    recording: Recording,
    timeline: Timeline,
    video: VideoWriter,
    resize: Resize,
    exported: Exported,
    show: ShowActions,
    lines: String,
    pushed: usize,
}

#[derive(Debug)]
enum Resize {
    /// The video's writer does it, or there is nothing to do.
    Not,
    /// Every pixel becomes a square.
    Whole(usize),
    Smooth(Resizer),
}

impl Exporter {
    /// Starts `out`, whose extension says what it is: see [`VideoWriter::create`].
    ///
    /// # Errors
    /// As [`VideoWriter::create`], and when there is no frame or would be too many.
    pub fn create(out: &Path, recording: Recording, options: &ExportOptions) -> Result<Self> {
        let (width, height) = options.size.unwrap_or((recording.width, recording.height));
        let fps = options.fps.unwrap_or(recording.fps);
        for (field, rate) in [("fps", fps), ("fps of the recording", recording.fps)] {
            if !(0.1..=1000.0).contains(&rate) {
                return Err(DataError::invalid(out, field, "0.1 to 1000", rate));
            }
        }
        let count = recording.actions.len();
        if count == 0 || recording.width == 0 || recording.height == 0 {
            return Err(DataError::invalid(out, "frames", "at least one", 0));
        }
        let times: Vec<_> = (0..count).map(|t| t as f64 / recording.fps).collect();
        let timeline = Timeline::new(&times, fps, max_frames(&recording.schema), out)?;
        let factor = width / recording.width;
        let whole =
            factor > 0 && (recording.width * factor, recording.height * factor) == (width, height);
        let overlay = options.actions == ShowActions::Overlay;
        let from = (recording.width, recording.height);
        // The writer enlarges by itself, and cheaper, what nothing is drawn on.
        let (writer_size, scale) = match whole && !overlay {
            true => (from, factor as u32),
            false => ((width, height), 1),
        };
        let video = VideoWriter::create(out, writer_size.0, writer_size.1, fps, scale)?;
        let resize = match (whole, overlay) {
            (true, false) => Resize::Not,
            (true, true) => Resize::Whole(factor),
            (false, _) => Resize::Smooth(Resizer::new(from, (width, height), Fit::Stretch)),
        };
        Ok(Self {
            out: out.to_owned(),
            exported: Exported {
                frames: timeline.len(),
                fps,
                width,
                height,
            },
            recording,
            timeline,
            video,
            resize,
            show: options.actions,
            lines: String::new(),
            pushed: 0,
        })
    }

    /// Adds the next frame of the recording.
    ///
    /// # Errors
    /// When it has another size, or the encoder or the disk refuses.
    pub fn push(&mut self, frame: &Frame) -> Result<()> {
        let (width, height) = (self.recording.width, self.recording.height);
        if (frame.width, frame.height) != (width, height) || frame.rgb.len() != width * height * 3 {
            let field = format!("frame {}", self.pushed);
            let found = format!("{} x {}", frame.width, frame.height);
            return Err(DataError::invalid(
                &self.out,
                field,
                format!("{width} x {height}"),
                found,
            ));
        }
        let index = self.pushed;
        self.pushed += 1;
        let mut resized = None;
        while self.video.len() < self.timeline.len()
            && self.timeline.shown(self.video.len()) == index
        {
            let large = resized.get_or_insert_with(|| self.resize.apply(frame));
            self.write(large)?;
        }
        Ok(())
    }

    fn write(&mut self, large: &Frame) -> Result<()> {
        let k = self.video.len();
        let schema = &self.recording.schema;
        let mut action = self.timeline.action(k, &self.recording.actions, schema);
        schema.clamp(&mut action);
        match self.show {
            ShowActions::Overlay => {
                let mut drawn = large.clone();
                overlay::draw(&mut drawn, schema, &action);
                self.video.push(&drawn)
            }
            ShowActions::Sidecar => {
                actions::push_line(&mut self.lines, k, schema, &action);
                self.video.push(large)
            }
            ShowActions::No => self.video.push(large),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When frames are missing, or the encoder or the disk refuses.
    pub fn finish(self) -> Result<Exported> {
        if self.pushed < self.recording.actions.len() {
            let expected = format!("{}, one an action", self.recording.actions.len());
            return Err(DataError::invalid(
                &self.out,
                "frames",
                expected,
                self.pushed,
            ));
        }
        self.video.finish()?;
        if self.show == ShowActions::Sidecar {
            let folder = fs::metadata(&self.out).is_ok_and(|m| m.is_dir());
            let file = match folder {
                true => self.out.join(ACTIONS_FILE),
                false => self.out.with_extension("jsonl"),
            };
            save(&file, self.lines.as_bytes())?;
            if folder {
                let file = self.out.join(SCHEMA_FILE);
                let config = ron::ser::PrettyConfig::default();
                let text = ron::ser::to_string_pretty(&self.recording.schema, config)
                    .map_err(|e| DataError::parse(&file, e))?;
                save(&file, text.as_bytes())?;
            }
        }
        Ok(self.exported)
    }
}

fn save(file: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic(file, bytes).map_err(|e| DataError::from_core(e, file, ""))
}

impl Resize {
    fn apply(&self, frame: &Frame) -> Frame {
        match self {
            Self::Not => frame.clone(),
            Self::Whole(factor) => Frame {
                width: frame.width * factor,
                height: frame.height * factor,
                rgb: enlarge::<3>(&frame.rgb, frame.width, *factor),
            },
            Self::Smooth(resizer) => resizer.resize(frame),
        }
    }
}
