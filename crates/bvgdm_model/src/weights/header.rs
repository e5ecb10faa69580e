//! The header of a safetensors file: which tensors it claims to have, and where.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::tensor::{Metadata, TensorInfo};

use crate::error::{ModelError, Result};

/// No header is larger: these 2 MiB would name some 15,000 tensors. What is made of a header in
/// memory stays below 32 times its size (the worst that we found was 20).
const MAX_BYTES: u64 = 2 << 20;
/// The header's length stands before it.
pub(super) const LENGTH_BYTES: u64 = 8;

/// A checked header: the tensors lie in the file, one after the other, without gap or overlap, and
/// each has the size of its shape and type.
pub(super) struct Header {
    /// By name.
    pub tensors: BTreeMap<String, TensorInfo>,
    /// Where the tensors' offsets count from.
    pub data_start: u64,
}

/// The header's length, from the first bytes of a file of `total` bytes.
pub(super) fn length(file: &Path, first: [u8; 8], total: u64) -> Result<u64> {
    let length = u64::from_le_bytes(first);
    let most = MAX_BYTES.min(total.saturating_sub(LENGTH_BYTES));
    if length > most {
        let message = format!("header length: expected at most {most} bytes, found {length}");
        return Err(invalid(file, message));
    }
    Ok(length)
}

/// Parses the header's text; the whole file has `total` bytes.
pub(super) fn parse(file: &Path, text: &[u8], total: u64) -> Result<Header> {
    // Sizes, types, overlaps and overflows are checked by the format's own library.
    let metadata: Metadata =
        serde_json::from_slice(text).map_err(|e| invalid(file, format!("header: {e}")))?;
    let data_start = LENGTH_BYTES + text.len() as u64;
    let (claimed, there) = (metadata.data_len() as u64, total - data_start);
    if claimed != there {
        let message =
            format!("header: expected tensors of {there} bytes in all, found {claimed} claimed");
        return Err(invalid(file, message));
    }
    let tensors = metadata.tensors();
    Ok(Header {
        tensors: tensors
            .into_iter()
            .map(|(name, info)| (name, info.clone()))
            .collect(),
        data_start,
    })
}

/// `file` is no safetensors file.
pub(super) fn invalid(file: &Path, message: impl std::fmt::Display) -> ModelError {
    ModelError::Weights {
        file: file.to_owned(),
        message: format!("no valid safetensors file: {message}"),
    }
}
