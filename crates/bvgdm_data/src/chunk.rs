//! A chunk file: some twenty frames, each an independent PNG, with an index in front, so that a
//! short window anywhere in an episode touches one or two files.
//!
//! ```text
//! "BVGDMCHK"  u32 version  u32 first frame  u32 width  u32 height  u32 frames (n)
//! u64 * (n + 1) offsets from the start of the file; the last is the file's size
//! n PNGs
//! ```
//! All integers are little-endian.

use std::path::Path;

use bvgdm_core::Frame;

use crate::error::{DataError, Result};
use crate::picture;

const MAGIC: &[u8; 8] = b"BVGDMCHK";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 8 + 5 * 4;

/// The path of chunk `index` within an episode.
pub(crate) fn file_name(index: usize) -> String {
    format!("frames/{index:06}.chunk")
}

/// The most bytes that a chunk of this many frames may have.
pub(crate) fn max_bytes(width: usize, height: usize, frames: usize) -> u64 {
    let frames = frames as u64;
    let pictures = frames.saturating_mul(picture::max_bytes(width, height));
    pictures.saturating_add(HEADER_BYTES as u64 + (frames + 1) * 8)
}

/// What a chunk must say of itself, from the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkShape {
    pub first_frame: usize,
    pub width: usize,
    pub height: usize,
    pub frames: usize,
}

/// The bytes of a chunk of these PNGs.
pub(crate) fn build(shape: ChunkShape, pngs: &[Vec<u8>]) -> Vec<u8> {
    let index_bytes = HEADER_BYTES + (pngs.len() + 1) * 8;
    let mut out = Vec::with_capacity(index_bytes + pngs.iter().map(Vec::len).sum::<usize>());
    out.extend_from_slice(MAGIC);
    for value in header(shape) {
        out.extend_from_slice(&value.to_le_bytes());
    }
    let mut offset = index_bytes as u64;
    out.extend_from_slice(&offset.to_le_bytes());
    for png in pngs {
        offset += png.len() as u64;
        out.extend_from_slice(&offset.to_le_bytes());
    }
    for png in pngs {
        out.extend_from_slice(png);
    }
    out
}

/// The five numbers after the magic. All are bounded far below `u32::MAX` by the metadata.
fn header(shape: ChunkShape) -> [u32; 5] {
    [
        VERSION,
        shape.first_frame as u32,
        shape.width as u32,
        shape.height as u32,
        shape.frames as u32,
    ]
}

/// A chunk whose header and index are sound.
#[derive(Debug)]
pub(crate) struct Chunk<'a> {
    file: &'a Path,
    shape: ChunkShape,
    pngs: Vec<&'a [u8]>,
}

impl<'a> Chunk<'a> {
    /// Checks header and index against `shape`.
    pub(crate) fn parse(bytes: &'a [u8], shape: ChunkShape, file: &'a Path) -> Result<Self> {
        let Some((magic, mut rest)) = bytes.split_first_chunk::<8>() else {
            let expected = format!("at least {HEADER_BYTES} bytes");
            return Err(DataError::invalid(file, "size", expected, bytes.len()));
        };
        if magic != MAGIC {
            let found = String::from_utf8_lossy(magic);
            return Err(DataError::invalid(
                file,
                "magic",
                "\"BVGDMCHK\"",
                format!("{found:?}"),
            ));
        }
        let fields = ["version", "first_frame", "width", "height", "frames"];
        for (field, expected) in fields.into_iter().zip(header(shape)) {
            let found = take(&mut rest).map(u32::from_le_bytes);
            match found {
                Some(found) if found == expected => {}
                Some(found) if field == "version" => {
                    return Err(DataError::Version {
                        file: file.to_owned(),
                        expected,
                        found,
                    });
                }
                _ => return Err(mismatch(file, field, expected, found)),
            }
        }
        let pngs = pictures(bytes, rest, shape, file)?;
        Ok(Self { file, shape, pngs })
    }

    /// Decodes picture `index` of this chunk.
    pub(crate) fn frame(&self, index: usize) -> Result<Frame> {
        let png = self.pngs.get(index).copied().unwrap_or_default();
        picture::decode(png, self.shape.width, self.shape.height).map_err(|message| {
            DataError::Picture {
                file: self.file.to_owned(),
                field: format!("frame {}", self.shape.first_frame + index),
                message,
            }
        })
    }
}

/// Cuts the file at the index's offsets.
fn pictures<'a>(
    bytes: &'a [u8],
    mut rest: &'a [u8],
    shape: ChunkShape,
    file: &Path,
) -> Result<Vec<&'a [u8]>> {
    let index_bytes = HEADER_BYTES + (shape.frames + 1) * 8;
    let mut start = index_bytes;
    let mut pngs = Vec::new();
    for i in 0..=shape.frames {
        let field = format!("offsets[{i}]");
        let offset = take(&mut rest).map(u64::from_le_bytes);
        let end = offset.and_then(|o| usize::try_from(o).ok());
        let expected = match i {
            0 => index_bytes.to_string(),
            i if i == shape.frames => bytes.len().to_string(),
            _ => format!("{start} to {}", bytes.len()),
        };
        let exact = (i == 0).then_some(index_bytes);
        let last = (i == shape.frames).then_some(bytes.len());
        let picture = end
            .filter(|&end| exact.is_none_or(|e| e == end) && last.is_none_or(|e| e == end))
            .and_then(|end| bytes.get(start..end).map(|png| (png, end)));
        let Some((png, end)) = picture else {
            return Err(mismatch(file, &field, expected, offset));
        };
        if i > 0 {
            pngs.push(png);
        }
        start = end;
    }
    Ok(pngs)
}

/// The first `N` bytes, taken off.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*first)
}

fn mismatch(
    file: &Path,
    field: &str,
    expected: impl std::fmt::Display,
    found: Option<impl std::fmt::Display>,
) -> DataError {
    let expected = expected.to_string();
    match found {
        Some(found) => DataError::invalid(file, field, expected, found),
        None => DataError::invalid(file, field, expected, "the end of the file"),
    }
}
