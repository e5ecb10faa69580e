//! H.264 in MP4, decoded by OpenH264.
//!
//! Every sample goes in alone and its picture comes out before the next goes in, so that it is
//! known which picture belongs to which sample. They are put into the order of showing here, by the
//! times in the index, not by the decoder (see [`unsorted`](super::sps::unsorted)).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use bvgdm_core::Frame;
use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig, Flush};

use super::mp4::{self, Sample};
use super::sets::{ParameterSets, byte_stream};
use super::yuv::{Colours, to_frame};
use super::{Frames, VideoInfo};
use crate::error::{DataError, Result};

/// The largest encoded picture that is read.
const MAX_SAMPLE_BYTES: u32 = 16 << 20;
/// No stream has more pictures waiting for an earlier one (Rec. ITU-T H.264, A.3.1).
const MAX_WAITING: usize = 16;

pub(super) struct Native {
    path: PathBuf,
    file: File,
    decoder: Decoder,
    samples: std::iter::Enumerate<std::vec::IntoIter<Sample>>,
    sets: ParameterSets,
    /// What the decoder must know before the first sample.
    start: Vec<u8>,
    colours: Colours,
    size: (usize, usize),
    waiting: BTreeMap<u32, Frame>,
    next: u32,
    count: u32,
}

impl Native {
    /// # Errors
    /// [`DataError::NotNative`] for what OpenH264 does not decode exactly, others for damage.
    pub(super) fn open(path: &Path) -> Result<(Self, VideoInfo)> {
        let io = |e| DataError::io(path, e);
        let mut file = File::open(path).map_err(io)?;
        let len = file.metadata().map_err(io)?.len();
        let track = mp4::read(&mut file, len, path)?;
        let sets = ParameterSets::new(&track.avcc);
        let (sps, stated) = sets.check(path)?;
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), config)
            .map_err(|e| DataError::not_native(path, e))?;
        let info = VideoInfo {
            width: sps.width,
            height: sps.height,
            fps: track.fps,
            times: track.times,
        };
        let native = Self {
            path: path.to_owned(),
            file,
            decoder,
            // At most MAX_FRAMES.
            count: track.samples.len() as u32,
            samples: track.samples.into_iter().enumerate(),
            start: byte_stream([stated.as_slice()].into_iter().chain(sets.pictures())),
            sets,
            colours: Colours {
                full_range: sps.full_range,
                bt709: sps.matrix == 1,
            },
            size: (sps.width, sps.height),
            waiting: BTreeMap::new(),
            next: 0,
        };
        Ok((native, info))
    }

    fn decode(&mut self, index: usize, sample: Sample) -> Result<Frame> {
        let bytes = self.read(index, sample)?;
        let not_native = |reason: &dyn std::fmt::Display| {
            DataError::not_native(&self.path, format_args!("sample {index}: {reason}"))
        };
        let units = self.sets.units(&bytes, index, &self.path)?;
        let mut stream = std::mem::take(&mut self.start);
        stream.extend_from_slice(&byte_stream(units));
        let picture = self.decoder.decode(&stream).map_err(|e| not_native(&e))?;
        let frame = picture.and_then(|picture| to_frame(&picture, self.colours));
        let frame = frame.ok_or_else(|| not_native(&"it gave no picture"))?;
        if (frame.width, frame.height) != self.size {
            let (width, height) = (frame.width, frame.height);
            return Err(not_native(&format!(
                "its size changes to {width} x {height}"
            )));
        }
        Ok(frame)
    }

    fn read(&mut self, index: usize, sample: Sample) -> Result<Vec<u8>> {
        if sample.bytes > MAX_SAMPLE_BYTES {
            let field = format!("sample {index}: size");
            let expected = format!("at most {MAX_SAMPLE_BYTES} bytes");
            return Err(DataError::invalid(
                &self.path,
                field,
                expected,
                sample.bytes,
            ));
        }
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(sample.offset))
            .and_then(|_| {
                let mut part = (&mut self.file).take(sample.bytes.into());
                part.read_to_end(&mut bytes)
            })
            .map_err(|e| DataError::io(&self.path, e))?;
        Ok(bytes)
    }
}

impl Frames for Native {
    fn next(&mut self) -> Result<Option<Frame>> {
        while self.next < self.count {
            if let Some(frame) = self.waiting.remove(&self.next) {
                self.next += 1;
                return Ok(Some(frame));
            }
            let Some((index, sample)) = self.samples.next() else {
                break;
            };
            let frame = self.decode(index, sample)?;
            if self.waiting.len() > MAX_WAITING {
                let reason = format!(
                    "more than {MAX_WAITING} pictures wait for frame {}",
                    self.next
                );
                return Err(DataError::not_native(&self.path, reason));
            }
            self.waiting.insert(sample.rank, frame);
        }
        Ok(None)
    }
}
