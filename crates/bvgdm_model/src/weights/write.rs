//! Modules to a safetensors file.

use std::borrow::Cow;

use burn::tensor::TensorData;
use burn::tensor::backend::Backend;
use burn_store::ModuleSnapshot;
use half::f16;
use safetensors::{Dtype, View};

use crate::error::{ModelError, Result};

/// How numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeightsDtype {
    /// Half the size; what ships.
    #[default]
    F16,
    /// Exact.
    F32,
}

impl WeightsDtype {
    pub(super) fn stored(self) -> Dtype {
        match self {
            Self::F16 => Dtype::F16,
            Self::F32 => Dtype::F32,
        }
    }

    /// Numbers as they are stored, or what is wrong with one of them.
    pub(super) fn bytes(self, floats: &[f32]) -> Result<Vec<u8>, String> {
        match self {
            Self::F32 => Ok(floats.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Self::F16 => {
                let large = |x: &&f32| x.is_finite() && f16::from_f32(**x).is_infinite();
                if let Some(found) = floats.iter().find(large) {
                    return Err(format!(
                        "expected numbers that f16 can hold, found {found}; f32 can hold it"
                    ));
                }
                let halves = floats.iter().map(|&x| f16::from_f32(x));
                Ok(halves.flat_map(f16::to_le_bytes).collect())
            }
        }
    }
}

/// Collects tensors and writes them as one file.
pub struct TensorWriter {
    dtype: WeightsDtype,
    tensors: Vec<(String, Stored)>,
}

struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Stored {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl TensorWriter {
    /// An empty file.
    pub fn new(dtype: WeightsDtype) -> Self {
        Self {
            dtype,
            tensors: Vec::new(),
        }
    }

    /// Adds every tensor of a module under `prefix`.
    ///
    /// # Errors
    /// When a tensor cannot be read from its device.
    pub fn push_module<B: Backend, M: ModuleSnapshot<B>>(
        &mut self,
        prefix: &str,
        module: &M,
    ) -> Result<()> {
        for tensor in module.collect(None, None, true) {
            let name = format!("{prefix}.{}", tensor.full_path());
            let data = tensor
                .to_data()
                .map_err(|e| failed(format!("{name}: {e}")))?;
            self.push(&name, data)?;
        }
        Ok(())
    }

    /// Adds one tensor.
    ///
    /// # Errors
    /// When it holds no floats, or one that is too large for the type.
    pub fn push(&mut self, name: &str, data: TensorData) -> Result<()> {
        let shape = data.shape.to_vec();
        let floats = data.convert::<f32>();
        let floats = floats
            .as_slice::<f32>()
            .map_err(|e| failed(format!("{name}: {e:?}")))?;
        let bytes = self.dtype.bytes(floats);
        let bytes = bytes.map_err(|message| failed(format!("{name}: {message}")))?;
        self.tensors.push((
            name.to_owned(),
            Stored {
                dtype: self.dtype.stored(),
                shape,
                bytes,
            },
        ));
        Ok(())
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// When two tensors have one name.
    pub fn finish(self) -> Result<Vec<u8>> {
        let views = self
            .tensors
            .iter()
            .map(|(name, stored)| (name.as_str(), stored));
        safetensors::serialize(views, None).map_err(|e| failed(e.to_string()))
    }
}

fn failed(message: String) -> ModelError {
    ModelError::Weights {
        file: "weights".into(),
        message,
    }
}
