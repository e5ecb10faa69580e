//! An MP4's parameter sets, and its samples as the byte stream that a decoder takes.

use std::path::Path;

use bvgdm_core::Frame;
use shiguredo_mp4::boxes::AvccBox;

use super::sps::{Sps, unsorted};
use crate::error::{DataError, Result};

/// The parameter sets of the index, and how long the lengths in the samples are.
pub(super) struct ParameterSets {
    sets: Vec<Vec<u8>>,
    length_bytes: usize,
}

impl ParameterSets {
    pub(super) fn new(avcc: &AvccBox) -> Self {
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
    pub(super) fn check(&self, path: &Path) -> Result<(Sps, Vec<u8>)> {
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
    pub(super) fn pictures(&self) -> impl Iterator<Item = &[u8]> {
        let pictures = self.sets.iter().filter(|set| kind(set) != Some(7));
        pictures.map(Vec::as_slice)
    }

    /// The units of a sample but for parameter sets, which may come again and not change.
    pub(super) fn units<'a>(
        &self,
        sample: &'a [u8],
        index: usize,
        path: &Path,
    ) -> Result<Vec<&'a [u8]>> {
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
pub(super) fn byte_stream<'a>(units: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
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
