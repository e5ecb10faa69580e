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

    pub fn multiply(self, factor: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * factor.0[i]))
    }

    pub fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    pub fn max(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].max(other.0[i])))
    }

    pub fn store(self, to: &mut [f32; 4]) {
        *to = self.0;
    }
}
