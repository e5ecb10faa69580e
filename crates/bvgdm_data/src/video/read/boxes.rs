//! The boxes at the top of an MP4, as far as the index.
//!
//! Nothing is read that a header claims before the file has been seen to be that long.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::error::{DataError, Result};

/// The largest index that is read: some ten hours at 60 Hz have 32 MB.
const MAX_MOOV_BYTES: u64 = 64 << 20;
/// The most boxes in front of the index.
const MAX_BOXES: usize = 10_000;

/// The bytes of the `moov` box, with its header, of a file of `len` bytes.
///
/// # Errors
/// When a box says that it is longer than the file, or there is no index.
pub(super) fn read_moov(file: &mut File, len: u64, path: &Path) -> Result<Vec<u8>> {
    let io = |e| DataError::io(path, e);
    let mut at = 0;
    for _ in 0..MAX_BOXES {
        if at == len {
            let found = "none before the end of the file";
            return Err(DataError::invalid(path, "box moov", "an index", found));
        }
        let header = read_header(file, at, len, path)?;
        if &header.kind != b"moov" {
            at += header.bytes;
            continue;
        }
        if header.bytes > MAX_MOOV_BYTES {
            let expected = format!("at most {MAX_MOOV_BYTES} bytes");
            return Err(DataError::invalid(
                path,
                "box moov: size",
                expected,
                header.bytes,
            ));
        }
        let mut moov = Vec::new();
        file.seek(SeekFrom::Start(at)).map_err(io)?;
        file.take(header.bytes).read_to_end(&mut moov).map_err(io)?;
        return Ok(moov);
    }
    let expected = format!("among the first {MAX_BOXES} boxes");
    Err(DataError::invalid(path, "box moov", expected, "none"))
}

struct Header {
    kind: [u8; 4],
    /// With the header, within the file.
    bytes: u64,
}

fn read_header(file: &mut File, at: u64, len: u64, path: &Path) -> Result<Header> {
    let io = |e| DataError::io(path, e);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at)).map_err(io)?;
    file.take(16).read_to_end(&mut bytes).map_err(io)?;
    let word = |range: std::ops::Range<usize>| -> Option<u64> {
        let bytes = bytes.get(range)?;
        Some(bytes.iter().fold(0, |sum, &b| sum << 8 | u64::from(b)))
    };
    let kind = bytes
        .get(4..8)
        .and_then(|kind| <[u8; 4]>::try_from(kind).ok());
    let (Some(kind), Some(short)) = (kind, word(0..4)) else {
        let field = format!("box at byte {at}");
        return Err(DataError::invalid(
            path,
            field,
            "a header of 8 bytes",
            bytes.len(),
        ));
    };
    let rest = len - at;
    // ISO/IEC 14496-12, 4.2: 0 is the rest of the file, 1 a size of 64 bits behind the type.
    let (claimed, least) = match short {
        0 => (rest, 8),
        1 => (word(8..16).unwrap_or(0), 16),
        size => (size, 8),
    };
    if !(least..=rest).contains(&claimed) {
        let name = String::from_utf8_lossy(&kind).into_owned();
        let field = format!("box {name:?} at byte {at}: size");
        let expected = format!("{least} to {rest}, the rest of the file");
        return Err(DataError::invalid(path, field, expected, claimed));
    }
    Ok(Header {
        kind,
        bytes: claimed,
    })
}
