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
    /// When it holds no floats.
    pub fn push(&mut self, name: &str, data: TensorData) -> Result<()> {
        let shape = data.shape.to_vec();
        let floats = data.convert::<f32>();
        let floats = floats
            .as_slice::<f32>()
            .map_err(|e| failed(format!("{name}: {e:?}")))?;
        let (dtype, bytes) = match self.dtype {
            WeightsDtype::F16 => (
                Dtype::F16,
                floats
                    .iter()
                    .flat_map(|&x| f16::from_f32(x).to_le_bytes())
                    .collect(),
            ),
            WeightsDtype::F32 => (
                Dtype::F32,
                floats.iter().flat_map(|x| x.to_le_bytes()).collect(),
            ),
        };
        self.tensors.push((
            name.to_owned(),
            Stored {
                dtype,
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
