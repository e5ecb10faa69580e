//! A safetensors file, tensor by tensor.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::backend::Backend;
use bvgdm_core::CoreError;
use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::TensorInfo;

use super::header::{self, LENGTH_BYTES, invalid};
use crate::error::{ModelError, Result};

/// A safetensors file whose header is checked and whose tensors have not been trusted yet. Of a file
/// on disk, only the header and one tensor at a time are in memory.
pub struct TensorFile<'a> {
    file: PathBuf,
    tensors: BTreeMap<String, TensorInfo>,
    data_start: u64,
    source: Source<'a>,
}

enum Source<'a> {
    Bytes(&'a [u8]),
    Disk(File),
}

impl TensorFile<'static> {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// When it cannot be read or is no safetensors file; for a PyTorch checkpoint, with the command
    /// that makes one of it.
    pub fn open(path: &Path) -> Result<Self> {
        let io = |e| CoreError::io(path, e);
        let mut file = File::open(path).map_err(io)?;
        let total = file.metadata().map_err(io)?.len();
        let mut first = [0; LENGTH_BYTES as usize];
        if total >= LENGTH_BYTES {
            file.read_exact(&mut first).map_err(io)?;
        }
        if is_pytorch(path, &first) {
            return Err(ModelError::PyTorch {
                file: path.to_owned(),
                safetensors: path.with_extension("safetensors"),
            });
        }
        if total < LENGTH_BYTES {
            return Err(invalid(path, "it ends before its header"));
        }
        let length = header::length(path, first, total)?;
        // At most the header's bound.
        let mut text = vec![0; length as usize];
        file.read_exact(&mut text).map_err(io)?;
        Self::with_header(path, &text, total, Source::Disk(file))
    }
}

impl<'a> TensorFile<'a> {
    /// Parses the header of a file that is in memory; `file` stands in errors.
    ///
    /// # Errors
    /// When it is no safetensors file.
    pub fn parse(file: &Path, bytes: &'a [u8]) -> Result<Self> {
        let total = bytes.len() as u64;
        let Some((first, rest)) = bytes.split_first_chunk() else {
            return Err(invalid(file, "it ends before its header"));
        };
        let length = header::length(file, *first, total)?;
        let text = rest.get(..length as usize).unwrap_or_default();
        Self::with_header(file, text, total, Source::Bytes(bytes))
    }

    fn with_header(file: &Path, text: &[u8], total: u64, source: Source<'a>) -> Result<Self> {
        let header = header::parse(file, text, total)?;
        Ok(Self {
            file: file.to_owned(),
            tensors: header.tensors,
            data_start: header.data_start,
            source,
        })
    }

    /// The file, as it stands in errors.
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// The tensors' names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// A tensor's shape.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.tensors.get(name).map(|tensor| tensor.shape.clone())
    }

    /// Takes these leading words off the names, as often as they stand there.
    pub(crate) fn strip_prefixes(&mut self, prefixes: &[&str]) {
        let tensors = std::mem::take(&mut self.tensors);
        for (name, info) in tensors {
            let mut short = name.as_str();
            while let Some(rest) = prefixes.iter().find_map(|p| short.strip_prefix(p)) {
                short = rest;
            }
            let taken = self.tensors.contains_key(short);
            let name = if taken { name } else { short.to_owned() };
            self.tensors.insert(name, info);
        }
    }

    /// Compares the file with the names and shapes that it should have.
    ///
    /// # Errors
    /// Names every tensor that is missing, unexpected or of another shape or type.
    pub fn check(&self, expected: &[(String, Vec<usize>)]) -> Result<()> {
        let each = expected
            .iter()
            .map(|(name, shape)| (name.as_str(), shape.as_slice()));
        self.fail_on(self.problems(each, |_| false))
    }

    /// As [`check`](Self::check), one line for each tensor; those that are `known` may be there.
    pub(crate) fn problems<'n>(
        &self,
        expected: impl Iterator<Item = (&'n str, &'n [usize])>,
        known: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let mut names = BTreeSet::new();
        let mut problems = Vec::new();
        for (name, shape) in expected {
            names.insert(name);
            match self.tensors.get(name) {
                None => problems.push(format!("tensor {name}: expected {shape:?}, is missing")),
                Some(found) if found.shape != shape => problems.push(format!(
                    "tensor {name}: expected {shape:?}, found {:?}",
                    found.shape
                )),
                Some(found) if !matches!(found.dtype, Dtype::F16 | Dtype::BF16 | Dtype::F32) => {
                    problems.push(format!(
                        "tensor {name}: expected f16, bf16 or f32, found {:?}",
                        found.dtype
                    ));
                }
                Some(_) => {}
            }
        }
        let unexpected = self.names().filter(|name| !names.contains(name));
        problems.extend(
            unexpected
                .filter(|name| !known(name))
                .map(|name| format!("tensor {name}: unexpected")),
        );
        problems
    }

    /// A tensor's numbers.
    ///
    /// # Errors
    /// When it is missing or a number is not finite.
    pub fn floats(&self, name: &str) -> Result<Vec<f32>> {
        let info = self
            .tensors
            .get(name)
            .ok_or_else(|| self.problem(name, "is missing"))?;
        let data = self.data(info)?;
        let halves = data.chunks_exact(2).map(|b| [b[0], b[1]]);
        let floats: Vec<f32> = match info.dtype {
            Dtype::F16 => halves.map(|b| f16::from_le_bytes(b).to_f32()).collect(),
            Dtype::BF16 => halves.map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
            Dtype::F32 => data
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
            other => {
                let message = format!("expected f16, bf16 or f32, found {other:?}");
                return Err(self.problem(name, message));
            }
        };
        match floats.iter().position(|x| !x.is_finite()) {
            Some(at) => {
                let found = floats[at];
                let message = format!("expected finite numbers, found {found} at {at}");
                Err(self.problem(name, message))
            }
            None => Ok(floats),
        }
    }

    /// Puts the tensors under `prefix` into a module, one after the other.
    ///
    /// # Errors
    /// When one is missing, does not fit or is not finite.
    pub fn apply<B: Backend, M: Module<B>>(&self, prefix: &str, module: M) -> Result<M> {
        super::load_module(module, |path, shape| {
            let name = format!("{prefix}.{path}");
            let floats = self.floats(&name)?;
            if floats.len() != shape.iter().product::<usize>() {
                let found = self.shape(&name).unwrap_or_default();
                return Err(self.problem(&name, format!("expected {shape:?}, found {found:?}")));
            }
            Ok(floats)
        })
    }

    /// The bytes of a tensor. The header's check has made sure that they lie in the file.
    fn data(&self, info: &TensorInfo) -> Result<Cow<'_, [u8]>> {
        let (begin, end) = info.data_offsets;
        let first = self.data_start + begin as u64;
        match &self.source {
            Source::Bytes(bytes) => {
                let last = self.data_start as usize + end;
                let data = bytes.get(first as usize..last);
                Ok(Cow::Borrowed(data.unwrap_or_default()))
            }
            Source::Disk(file) => {
                let io = |e| CoreError::io(&self.file, e);
                let (mut file, mut data) = (file, vec![0; end - begin]);
                file.seek(SeekFrom::Start(first)).map_err(io)?;
                file.read_exact(&mut data).map_err(io)?;
                Ok(Cow::Owned(data))
            }
        }
    }

    fn problem(&self, name: &str, message: impl std::fmt::Display) -> ModelError {
        ModelError::Tensors {
            file: self.file.clone(),
            problems: vec![format!("tensor {name}: {message}")],
        }
    }

    pub(crate) fn fail_on(&self, problems: Vec<String>) -> Result<()> {
        if problems.is_empty() {
            return Ok(());
        }
        Err(ModelError::Tensors {
            file: self.file.clone(),
            problems,
        })
    }
}

/// A zip archive, or a name that PyTorch's own files have.
fn is_pytorch(path: &Path, first: &[u8]) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let named = ["pt", "pth", "ckpt", "bin"].map(Into::into);
    first.starts_with(b"PK\x03\x04") || named.contains(&extension)
}
