//! H.264 in MP4, decoded by OpenH264.
//!
//! Every sample goes in alone and its picture comes out before the next goes in, so that it is
//! known which picture belongs to which sample. They are put into the order of showing here, by the
//! times in the index, not by the decoder (see [`unsorted`]).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use bvgdm_core::Frame;
use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig, Flush};
use shiguredo_mp4::boxes::AvccBox;

use super::mp4::{self, Sample};
use super::sps::{Sps, unsorted};
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

/// The parameter sets of the index, and how long the lengths in the samples are.
struct ParameterSets {
    sets: Vec<Vec<u8>>,
    length_bytes: usize,
}

impl ParameterSets {
    fn new(avcc: &AvccBox) -> Self {
        Self {
            sets: avcc
                .sps_list
                .iter()
                .chain(&avcc.pps_list)
                .cloned()
                .collect(),
            length_bytes: usize::from(avcc.length_size_minus_one.get()) + 1,
        }
    }

    /// The one sequence parameter set, of pictures that OpenH264 decodes, and its unsorted form.
    fn check(&self, path: &Path) -> Result<(Sps, Vec<u8>)> {
        let mut sequences = self.sets.iter().filter(|set| kind(set) == Some(7));
        let (Some(first), None) = (sequences.next(), sequences.next()) else {
            let reason = "it has not exactly one sequence parameter set";
            return Err(DataError::not_native(path, reason));
        };
        let Some(sps) = Sps::parse(first) else {
            let reason = "its sequence parameter set cannot be read";
            return Err(DataError::not_native(path, reason));
        };
        let side = 1..=Frame::MAX_SIDE;
        if !side.contains(&sps.width) || !side.contains(&sps.height) {
            let expected = format!("1 to {} a side", Frame::MAX_SIDE);
            let found = format!("{} x {}", sps.width, sps.height);
            return Err(DataError::invalid(path, "size", expected, found));
        }
        let even = sps.width.is_multiple_of(2) && sps.height.is_multiple_of(2);
        let plain = sps.chroma_format == 1 && sps.bits == (8, 8) && even;
        // BT.709, not stated, and the two names of BT.601.
        if !plain || !sps.progressive || !matches!(sps.matrix, 1 | 2 | 5 | 6) {
            let reason = "it is not plain 8-bit 4:2:0 in whole frames";
            return Err(DataError::not_native(path, reason));
        }
        let Some(stated) = unsorted(first) else {
            let reason = "it is of another profile than baseline, main and high";
            return Err(DataError::not_native(path, reason));
        };
        Ok((sps, stated))
    }

    /// All sets but that of the sequence.
    fn pictures(&self) -> impl Iterator<Item = &[u8]> {
        let pictures = self.sets.iter().filter(|set| kind(set) != Some(7));
        pictures.map(Vec::as_slice)
    }

    /// The units of a sample but for parameter sets, which may come again and not change.
    fn units<'a>(&self, sample: &'a [u8], index: usize, path: &Path) -> Result<Vec<&'a [u8]>> {
        let mut units = Vec::new();
        let mut rest = sample;
        while !rest.is_empty() {
            let unit = rest
                .split_at_checked(self.length_bytes)
                .and_then(|(length, tail)| {
                    let length = length
                        .iter()
                        .fold(0_usize, |sum, &b| sum << 8 | usize::from(b));
                    tail.split_at_checked(length)
                });
            let Some((unit, tail)) = unit else {
                let field = format!("sample {index}: unit");
                let expected = format!("one within the sample's {} bytes", sample.len());
                return Err(DataError::invalid(
                    path,
                    field,
                    expected,
                    "one that goes beyond",
                ));
            };
            rest = tail;
            if !matches!(kind(unit), Some(7 | 8)) {
                units.push(unit);
            } else if !self.sets.iter().any(|set| set == unit) {
                let reason = format!("sample {index} has another parameter set");
                return Err(DataError::not_native(path, reason));
            }
        }
        Ok(units)
    }
}

/// Units behind start codes.
fn byte_stream<'a>(units: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut stream = Vec::new();
    for unit in units {
        stream.extend_from_slice(&[0, 0, 0, 1]);
        stream.extend_from_slice(unit);
    }
    stream
}

/// Rec. ITU-T H.264, table 7-1.
fn kind(unit: &[u8]) -> Option<u8> {
    unit.first().map(|byte| byte & 0x1f)
}
