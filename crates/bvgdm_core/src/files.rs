//! Reading with a bound, writing without a half-written file, checksums.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{CoreError, Result};

/// Reads a file of at most `max_bytes`.
///
/// # Errors
/// When it cannot be read or is larger.
pub fn read_bounded(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let io = |e| CoreError::io(path, e);
    let file = fs::File::open(path).map_err(io)?;
    let len = file.metadata().map_err(io)?.len();
    if len > max_bytes {
        return Err(
            CoreError::invalid("size", format!("at most {max_bytes} bytes"), len).in_file(path),
        );
    }
    let mut bytes = Vec::new();
    file.take(max_bytes).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Writes to a temporary name beside `path` and renames it: after a crash there is the old file or
/// the new one, never half of one.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic_with(path, |file| {
        file.write_all(bytes).map_err(|e| CoreError::io(path, e))
    })
}

/// As [`write_atomic`], for a file that is written piece by piece: when `fill` fails, nothing stays.
///
/// # Errors
/// Those of `fill`, and when the folder cannot be written to.
pub fn write_atomic_with<E: From<CoreError>>(
    path: &Path,
    fill: impl FnOnce(&mut fs::File) -> Result<(), E>,
) -> Result<(), E> {
    let io = |e| E::from(CoreError::io(path, e));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let mut file = fs::File::create(&temporary).map_err(io)?;
    let written = fill(&mut file)
        .and_then(|()| file.sync_all().map_err(io))
        .and_then(|()| fs::rename(&temporary, path).map_err(io));
    if written.is_err() {
        fs::remove_file(&temporary).ok();
    }
    written
}

/// SHA-256 as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut hasher = Sha256::new();
    // In pieces: a browser replaces a function by its optimised version only between two calls.
    for piece in bytes.chunks(1 << 14) {
        hasher.update(piece);
    }
    hex(&hasher.finalize())
}

/// SHA-256 of a file, read in pieces.
///
/// # Errors
/// When the file cannot be read.
pub fn sha256_file(path: &Path) -> Result<String> {
    let io = |e| CoreError::io(path, e);
    let mut file = fs::File::open(path).map_err(io)?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut piece).map_err(io)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&piece[..read]);
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_the_standard_s_example() {
        // FIPS 180-4, example "abc".
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_file_above_the_bound_is_not_read() {
        let path = std::env::temp_dir().join(format!("{}_bvgdm_core_bounded", std::process::id()));
        write_atomic(&path, &[7; 100]).unwrap();
        assert_eq!(read_bounded(&path, 100).unwrap().len(), 100);
        assert!(read_bounded(&path, 99).is_err());
        assert_eq!(sha256_file(&path).unwrap(), sha256_hex(&[7; 100]));
        fs::remove_file(path).unwrap();
    }
}
