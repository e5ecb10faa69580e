//! A safetensors file to modules.

use std::path::{Path, PathBuf};

use burn::module::ParamId;
use burn::tensor::TensorData;
use burn::tensor::backend::Backend;
use burn_store::{ModuleSnapshot, TensorSnapshot};
use bvgdm_core::{WeightsFile, read_bounded, sha256_hex};
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use crate::error::{ModelError, Result};

/// A parsed safetensors file whose tensors have not been trusted yet.
pub struct TensorFile<'a> {
    file: PathBuf,
    tensors: SafeTensors<'a>,
}

impl<'a> TensorFile<'a> {
    /// Reads the file that a manifest names, and compares size and checksum.
    ///
    /// # Errors
    /// When it cannot be read or is another file.
    pub fn read(path: &Path, expected: &WeightsFile) -> Result<Vec<u8>> {
        let mismatch = |field, expected: String, found: String| ModelError::Mismatch {
            file: path.to_owned(),
            field,
            expected,
            found,
        };
        let found = std::fs::metadata(path)
            .map_err(|e| bvgdm_core::CoreError::io(path, e))?
            .len();
        if found != expected.bytes {
            return Err(mismatch(
                "size",
                expected.bytes.to_string(),
                found.to_string(),
            ));
        }
        let bytes = read_bounded(path, expected.bytes)?;
        let found = sha256_hex(&bytes);
        if !found.eq_ignore_ascii_case(&expected.sha256) {
            return Err(mismatch("SHA-256", expected.sha256.clone(), found));
        }
        Ok(bytes)
    }

    /// Parses the header; offsets and sizes are checked against the file by the format's library.
    ///
    /// # Errors
    /// When it is no safetensors file.
    pub fn parse(file: &Path, bytes: &'a [u8]) -> Result<Self> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| ModelError::Weights {
            file: file.to_owned(),
            message: format!("no valid safetensors file: {e}"),
        })?;
        Ok(Self {
            file: file.to_owned(),
            tensors,
        })
    }

    /// A tensor's shape.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.tensors
            .tensor(name)
            .ok()
            .map(|tensor| tensor.shape().to_vec())
    }

    /// Compares the file with the names and shapes that it should have.
    ///
    /// # Errors
    /// Names every tensor that is missing, unexpected or of another shape or type.
    pub fn check(&self, expected: &[(String, Vec<usize>)]) -> Result<()> {
        let mut problems = Vec::new();
        for (name, shape) in expected {
            match self.tensors.tensor(name) {
                Err(_) => problems.push(format!("tensor {name}: expected {shape:?}, is missing")),
                Ok(found) if found.shape() != shape.as_slice() => problems.push(format!(
                    "tensor {name}: expected {shape:?}, found {:?}",
                    found.shape()
                )),
                Ok(found) if !matches!(found.dtype(), Dtype::F16 | Dtype::BF16 | Dtype::F32) => {
                    problems.push(format!(
                        "tensor {name}: expected f16, bf16 or f32, found {:?}",
                        found.dtype()
                    ));
                }
                Ok(_) => {}
            }
        }
        let mut unexpected: Vec<_> = self
            .tensors
            .names()
            .into_iter()
            .filter(|name| !expected.iter().any(|(known, _)| known == name))
            .collect();
        unexpected.sort_unstable();
        problems.extend(
            unexpected
                .into_iter()
                .map(|name| format!("tensor {name}: unexpected")),
        );
        self.fail_on(problems)
    }

    /// A tensor's numbers.
    ///
    /// # Errors
    /// When it is missing or a number is not finite.
    pub fn floats(&self, name: &str) -> Result<Vec<f32>> {
        let problem = |message: String| ModelError::Tensors {
            file: self.file.clone(),
            problems: vec![format!("tensor {name}: {message}")],
        };
        let view = self
            .tensors
            .tensor(name)
            .map_err(|e| problem(e.to_string()))?;
        let data = view.data();
        let halves = data.chunks_exact(2).map(|b| [b[0], b[1]]);
        let floats: Vec<f32> = match view.dtype() {
            Dtype::F16 => halves.map(|b| f16::from_le_bytes(b).to_f32()).collect(),
            Dtype::BF16 => halves.map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
            _ => data
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
        };
        match floats.iter().position(|x| !x.is_finite()) {
            Some(at) => Err(problem(format!(
                "expected finite numbers, found {} at {at}",
                floats[at]
            ))),
            None => Ok(floats),
        }
    }

    /// Puts the tensors under `prefix` into a module.
    ///
    /// # Errors
    /// When one is missing, does not fit or is not finite.
    pub fn apply<B: Backend, M: ModuleSnapshot<B>>(&self, prefix: &str, module: M) -> Result<M> {
        let mut module = module;
        let snapshots = super::shapes(prefix, &module)
            .into_iter()
            .map(|(name, shape)| {
                let data = TensorData::new(self.floats(&name)?, shape);
                let path = name.split('.').skip(1).map(str::to_owned).collect();
                Ok(TensorSnapshot::from_data(
                    data,
                    path,
                    Vec::new(),
                    ParamId::new(),
                ))
            })
            .collect::<Result<Vec<_>>>()?;
        let result = module.apply(snapshots, None, None, false);
        let missing = result
            .missing
            .iter()
            .map(|(name, _)| format!("tensor {name}: not applied"));
        let errors = result.errors.iter().map(ToString::to_string);
        self.fail_on(missing.chain(errors).collect())?;
        Ok(module)
    }

    fn fail_on(&self, problems: Vec<String>) -> Result<()> {
        if problems.is_empty() {
            return Ok(());
        }
        Err(ModelError::Tensors {
            file: self.file.clone(),
            problems,
        })
    }
}
