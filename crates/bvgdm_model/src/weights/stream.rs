//! A safetensors file written tensor by tensor.

use std::io::Write;
use std::path::{Path, PathBuf};

use bvgdm_core::CoreError;
use safetensors::tensor::{Metadata, TensorInfo};

use super::WeightsDtype;
use crate::error::{ModelError, Result};

/// Writes a file whose tensors are never in memory together: names and shapes first, then the
/// numbers, in the same order.
pub struct TensorStream<W> {
    file: PathBuf,
    out: W,
    dtype: WeightsDtype,
    left: std::vec::IntoIter<(String, Vec<usize>)>,
}

impl<W: Write> TensorStream<W> {
    /// Writes the header; `file` stands in errors.
    ///
    /// # Errors
    /// When it cannot be written, or a shape's size overflows.
    pub fn begin(
        file: &Path,
        mut out: W,
        dtype: WeightsDtype,
        tensors: Vec<(String, Vec<usize>)>,
    ) -> Result<Self> {
        let failed = |message: String| ModelError::Weights {
            file: file.to_owned(),
            message,
        };
        let size = match dtype {
            WeightsDtype::F16 => 2,
            WeightsDtype::F32 => 4,
        };
        let mut begin = 0usize;
        let mut entries = Vec::with_capacity(tensors.len());
        for (name, shape) in &tensors {
            let bytes = shape.iter().try_fold(size, |n: usize, &s| n.checked_mul(s));
            let end = bytes.and_then(|bytes| begin.checked_add(bytes));
            let end = end.ok_or_else(|| failed(format!("tensor {name}: too large, {shape:?}")))?;
            let info = TensorInfo {
                dtype: dtype.stored(),
                shape: shape.clone(),
                data_offsets: (begin, end),
            };
            entries.push((name.clone(), info));
            begin = end;
        }
        let metadata = Metadata::new(None, entries).map_err(|e| failed(e.to_string()))?;
        let mut header = serde_json::to_vec(&metadata).map_err(|e| failed(e.to_string()))?;
        header.resize(header.len().next_multiple_of(8), b' ');
        let written = out
            .write_all(&(header.len() as u64).to_le_bytes())
            .and_then(|()| out.write_all(&header));
        written.map_err(|e| CoreError::io(file, e))?;
        Ok(Self {
            file: file.to_owned(),
            out,
            dtype,
            left: tensors.into_iter(),
        })
    }

    /// Writes the next tensor's numbers.
    ///
    /// # Errors
    /// When it cannot be written, when there are more or fewer numbers than its shape has, or when
    /// one is too large for the type.
    pub fn push(&mut self, floats: &[f32]) -> Result<()> {
        let (name, shape) = self.left.next().unwrap_or_default();
        let problem = |message: String| ModelError::Tensors {
            file: self.file.clone(),
            problems: vec![format!("tensor {name}: {message}")],
        };
        if floats.len() != shape.iter().product::<usize>() {
            let found = floats.len();
            return Err(problem(format!(
                "expected {shape:?}, found {found} numbers"
            )));
        }
        let bytes = self.dtype.bytes(floats).map_err(problem)?;
        let written = self.out.write_all(&bytes);
        Ok(written.map_err(|e| CoreError::io(&self.file, e))?)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When a tensor has not been written, or the last bytes cannot be.
    pub fn finish(mut self) -> Result<()> {
        if let Some((name, _)) = self.left.next() {
            return Err(ModelError::Tensors {
                file: self.file,
                problems: vec![format!("tensor {name}: not written")],
            });
        }
        let flushed = self.out.flush();
        Ok(flushed.map_err(|e| CoreError::io(self.file, e))?)
    }
}
