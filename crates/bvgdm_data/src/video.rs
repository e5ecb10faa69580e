//! Videos: read frame by frame, and written for people to look at.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use bvgdm_core::Frame;

use crate::error::{DataError, Result};

mod folder;
mod gif;
mod mp4;
mod nal;
mod read;
pub(crate) mod scale;
mod webm;

pub use read::{VideoDecoder, VideoInfo, VideoReader};

/// Writes frames to a video, an animation or pictures, larger by a whole factor.
///
/// A video or an animation appears under its name when it is finished; before, it is
/// `NAME.tmp`.
pub struct VideoWriter {
    out: PathBuf,
    width: usize,
    height: usize,
    frames: usize,
    sink: Box<dyn Sink>,
}

/// One kind of output. Frames arrive checked, at their own size.
trait Sink: Send + Sync {
    fn push(&mut self, frame: &Frame) -> Result<()>;
    fn finish(self: Box<Self>) -> Result<()>;
}

/// What every kind of output is made from.
struct Target<'a> {
    out: &'a Path,
    width: usize,
    height: usize,
    fps: f64,
    scale: usize,
}

impl VideoWriter {
    /// Starts an output of frames of `width` times `height` pixels, shown at `fps` frames a second
    /// and `scale` times as large (every pixel a square).
    ///
    /// The name decides: `.mp4` is H.264, with the last row or column doubled where a side would
    /// be odd; `.gif` is an animation with a palette a frame and delays of whole hundredths of a
    /// second; `.webm` is VP9, made by an installed `ffmpeg`, even-sided too; a name without an
    /// extension, or a folder, is a folder of `000000.png` and so on.
    ///
    /// # Errors
    /// When the name has another extension, the folder holds something already, there is no `ffmpeg`
    /// for a WebM ([`DataError::MissingProgram`]), or a size is out of bounds (4096 a side; 3840 x
    /// 2160 for an MP4).
    pub fn create(out: &Path, width: usize, height: usize, fps: f64, scale: u32) -> Result<Self> {
        let scale = scale as usize;
        let side = |side: usize| (1..=Frame::MAX_SIDE).contains(&side.saturating_mul(scale));
        if !side(width) || !side(height) {
            return Err(DataError::invalid(
                out,
                "size",
                format!("1 to {} a side", Frame::MAX_SIDE),
                format!("{width} x {height}, {scale} times as large"),
            ));
        }
        if !(0.1..=1000.0).contains(&fps) {
            return Err(DataError::invalid(out, "fps", "0.1 to 1000", fps));
        }
        let target = Target {
            out,
            width,
            height,
            fps,
            scale,
        };
        Ok(Self {
            out: out.to_owned(),
            width,
            height,
            frames: 0,
            sink: target.sink()?,
        })
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// When it has another size, or the encoder or the disk refuses.
    pub fn push(&mut self, frame: &Frame) -> Result<()> {
        let bytes = self.width * self.height * 3;
        if (frame.width, frame.height) != (self.width, self.height) || frame.rgb.len() != bytes {
            return Err(DataError::invalid(
                &self.out,
                format!("frame {}", self.frames),
                format!("{} x {} pixels", self.width, self.height),
                format!(
                    "{} x {} in {} bytes",
                    frame.width,
                    frame.height,
                    frame.rgb.len()
                ),
            ));
        }
        self.sink.push(frame)?;
        self.frames += 1;
        Ok(())
    }

    /// How many frames were added.
    pub fn len(&self) -> usize {
        self.frames
    }

    /// Whether no frame was added yet.
    pub fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When there is no frame, or the encoder or the disk refuses.
    pub fn finish(self) -> Result<()> {
        if self.is_empty() {
            return Err(DataError::invalid(&self.out, "frames", "at least one", 0));
        }
        self.sink.finish()
    }
}

impl std::fmt::Debug for VideoWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VideoWriter")
            .field("out", &self.out)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

impl Target<'_> {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        let extension = self.out.extension().map(OsStr::to_ascii_lowercase);
        let extension = extension.as_ref().map(|e| e.to_string_lossy());
        Ok(match extension.as_deref() {
            Some("mp4") => Box::new(mp4::Mp4::create(self)?),
            Some("gif") => Box::new(gif::Gif::create(self)?),
            Some("webm") => Box::new(webm::Webm::create(self)?),
            Some(other) if !self.out.is_dir() => {
                return Err(DataError::invalid(
                    self.out,
                    "extension",
                    ".mp4, .gif, .webm, or none for a folder of PNGs",
                    format!(".{other}"),
                ));
            }
            _ => Box::new(folder::Folder::create(self)?),
        })
    }
}
