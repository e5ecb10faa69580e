//! Reading a video frame by frame: frame i of the clip is the i-th that comes out.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bvgdm_core::Frame;

use crate::error::{DataError, Result};

mod bits;
mod boxes;
mod mp4;
mod native;
mod piped;
mod sets;
mod sps;
mod yuv;

/// The most frames of a clip: what an episode can hold.
const MAX_FRAMES: usize = 1 << 23;

/// Which decoder reads a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VideoDecoder {
    /// The built-in one where it is exact, else an installed `ffmpeg`.
    #[default]
    Auto,
    /// The built-in one: H.264 (8 bits, 4:2:0, whole frames) in an MP4.
    Native,
    /// The installed `ffmpeg`.
    Ffmpeg,
}

/// What is known of a video before its first frame is decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoInfo {
    /// Pixels a row, 1 to [`Frame::MAX_SIDE`].
    pub width: usize,
    /// Rows, 1 to [`Frame::MAX_SIDE`].
    pub height: usize,
    /// Frames a second, on the average; above 0.
    pub fps: f64,
    /// When every frame is shown, in seconds from the first; ascending, one a frame.
    pub times: Vec<f64>,
}

/// Reads the frames of an MP4 or a WebM (or another Matroska) in the order in which they are shown.
///
/// All frames that the container's index has are given, each once, whatever its time. Memory: the
/// index (at most 64 MiB, and 32 bytes a frame), and 18 decoded frames; `ffmpeg` has its own.
pub struct VideoReader {
    path: PathBuf,
    info: VideoInfo,
    container: Container,
    decoder: VideoDecoder,
    source: Box<dyn Frames>,
    given: usize,
}

/// Decoded frames in the order of showing; nothing after the last.
trait Frames {
    fn next(&mut self) -> Result<Option<Frame>>;
}

/// What a file is by its first bytes, whatever its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Mp4,
    Matroska,
}

impl VideoReader {
    /// Opens a video; its content decides what it is, not its name.
    ///
    /// # Errors
    /// When it is neither MP4 nor Matroska, damaged, without frames, too large, in need of a
    /// program that is not installed ([`DataError::MissingProgram`]), or, with
    /// [`VideoDecoder::Native`], not to be decoded exactly ([`DataError::NotNative`]).
    pub fn open(path: &Path, decoder: VideoDecoder) -> Result<Self> {
        let container = Container::of(path)?;
        let (decoder, (source, info)) = match decoder {
            VideoDecoder::Ffmpeg => (VideoDecoder::Ffmpeg, open_piped(path, container)?),
            VideoDecoder::Native => (decoder, open_native(path, container)?),
            VideoDecoder::Auto => match open_native(path, container) {
                Ok(opened) => (decoder, opened),
                Err(error @ DataError::NotNative { .. }) => {
                    (VideoDecoder::Ffmpeg, fall_back(path, container, error)?)
                }
                Err(other) => return Err(other),
            },
        };
        Ok(Self {
            path: path.to_owned(),
            info,
            container,
            decoder,
            source,
            given: 0,
        })
    }

    /// Size, rate and times.
    pub fn info(&self) -> &VideoInfo {
        &self.info
    }

    /// Whether the frames come from `ffmpeg`; may change while reading.
    pub fn uses_ffmpeg(&self) -> bool {
        self.decoder == VideoDecoder::Ffmpeg
    }

    /// The next frame, of the size that [`info`](Self::info) states; nothing after the last.
    ///
    /// Where the built-in decoder stops in the middle and `ffmpeg` may help, it goes on from there.
    ///
    /// # Errors
    /// When the rest cannot be decoded, or there are more or fewer frames than
    /// [`info`](Self::info) has times.
    pub fn next_frame(&mut self) -> Result<Option<Frame>> {
        let frame = match self.source.next() {
            Err(error @ DataError::NotNative { .. }) if self.decoder == VideoDecoder::Auto => {
                self.go_on(error)?
            }
            other => other?,
        };
        let (given, count) = (self.given, self.info.times.len());
        let wrong = match &frame {
            Some(_) => given >= count,
            None => given < count,
        };
        if wrong {
            let expected = format!("{count}, as the index says");
            let found = if frame.is_some() { given + 1 } else { given };
            return Err(DataError::invalid(&self.path, "frames", expected, found));
        }
        if let Some(frame) = &frame {
            let (width, height) = (self.info.width, self.info.height);
            if (frame.width, frame.height) != (width, height) {
                return Err(DataError::invalid(
                    &self.path,
                    format!("frame {given}: size"),
                    format!("{width} x {height}"),
                    format!("{} x {}", frame.width, frame.height),
                ));
            }
            self.given += 1;
        }
        Ok(frame)
    }

    /// Changes to `ffmpeg` and skips what was given already.
    fn go_on(&mut self, error: DataError) -> Result<Option<Frame>> {
        let (mut source, info) = fall_back(&self.path, self.container, error)?;
        if info.times.len() != self.info.times.len() {
            let expected = format!("{}, as the index says", self.info.times.len());
            return Err(DataError::invalid(
                &self.path,
                "frames",
                expected,
                info.times.len(),
            ));
        }
        for _ in 0..self.given {
            source.next()?;
        }
        self.source = source;
        self.decoder = VideoDecoder::Ffmpeg;
        self.source.next()
    }
}

impl std::fmt::Debug for VideoReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VideoReader")
            .field("path", &self.path)
            .field("decoder", &self.decoder)
            .finish_non_exhaustive()
    }
}

type Opened = (Box<dyn Frames>, VideoInfo);

fn open_native(path: &Path, container: Container) -> Result<Opened> {
    if container != Container::Mp4 {
        return Err(DataError::not_native(path, "it is no MP4"));
    }
    let (source, info) = native::Native::open(path)?;
    Ok((Box::new(source), info))
}

fn open_piped(path: &Path, container: Container) -> Result<Opened> {
    let (source, info) = piped::Piped::open(path, container)?;
    Ok((Box::new(source), info))
}

/// Without `ffmpeg`, the error says why it would have been needed.
fn fall_back(path: &Path, container: Container, error: DataError) -> Result<Opened> {
    let DataError::NotNative { reason, .. } = error else {
        return Err(error);
    };
    open_piped(path, container).map_err(|e| match e {
        DataError::MissingProgram {
            file,
            program,
            purpose,
        } => DataError::MissingProgram {
            file,
            program,
            purpose: format!("{purpose} ({reason})"),
        },
        other => other,
    })
}

impl Container {
    fn of(path: &Path) -> Result<Self> {
        let mut start = Vec::new();
        File::open(path)
            .and_then(|file| file.take(12).read_to_end(&mut start))
            .map_err(|e| DataError::io(path, e))?;
        match start.as_slice() {
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Ok(Self::Matroska),
            // Old files begin without a type.
            [_, _, _, _, kind @ ..]
                if matches!(
                    kind.get(..4),
                    Some(b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip")
                ) =>
            {
                Ok(Self::Mp4)
            }
            _ => Err(DataError::invalid(
                path,
                "content",
                "an MP4 or a WebM",
                format!("a file that begins with {start:02x?}"),
            )),
        }
    }

    /// What `ffmpeg` calls it.
    fn demuxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mov",
            Self::Matroska => "matroska",
        }
    }
}
