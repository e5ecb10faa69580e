//! What stands for a vector in the tests.

/// Four numbers.
#[derive(Debug, Clone, Copy)]
pub struct Lanes([f32; 4]);

impl Lanes {
    pub fn new(values: &[f32; 4]) -> Self {
        Self(*values)
    }

    pub fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    pub fn multiply_add(self, factor: Self, sum: Self) -> Self {
        let mut values = sum.0;
        for ((value, a), b) in values.iter_mut().zip(self.0).zip(factor.0) {
            *value += a * b;
        }
        Self(values)
    }

    pub fn values(self) -> [f32; 4] {
        self.0
    }
}
