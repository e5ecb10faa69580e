//! Small networks with random weights, made and run by the original implementations in f32
//! (`tests/fixtures/NAME`: `config.json`, weights, and in `io.safetensors` inputs and outputs).

use std::path::PathBuf;

use burn::tensor::{Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};

use crate::{B, max_difference};

/// How far an output may be from the original's.
const TOLERANCE: f32 = 1e-4;

/// A file of the fixtures.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name)
}

/// Inputs and outputs of one fixture.
pub struct Outputs(Vec<u8>);

impl Outputs {
    pub fn read(name: &str) -> Self {
        Self(std::fs::read(fixture(name).join("io.safetensors")).unwrap())
    }

    pub fn values(&self, name: &str) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let view = file.tensor(name).unwrap();
        match view.dtype() {
            Dtype::I64 => view
                .data()
                .chunks_exact(8)
                .map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f32)
                .collect(),
            _ => view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
                .collect(),
        }
    }

    pub fn tensor<const D: usize>(&self, name: &str) -> Tensor<B, D> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let shape = file.tensor(name).unwrap().shape().to_vec();
        let data = TensorData::new(self.values(name), shape);
        Tensor::from_data(data, &Default::default())
    }
}

pub fn assert_near<const D: usize>(what: &str, found: Tensor<B, D>, expected: &[f32]) {
    let found = found.into_data().convert::<f32>();
    let difference = max_difference(found.as_slice().unwrap(), expected);
    println!("{what}: max abs difference {difference:e}");
    assert!(
        difference <= TOLERANCE,
        "{what}: max abs difference {difference}"
    );
}
