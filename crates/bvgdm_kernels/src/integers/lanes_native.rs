//! What stands for a vector in the tests.

/// Four pairs, or four sums.
#[derive(Debug, Clone, Copy)]
pub struct Lanes([i32; 4]);

impl Lanes {
    pub fn new(pairs: &[i32; 4]) -> Self {
        Self(*pairs)
    }

    pub fn splat(pair: i32) -> Self {
        Self([pair; 4])
    }

    pub fn add_products(self, b: Self, sum: Self) -> Self {
        let low = |x: i32| i32::from(x as i16);
        let product = |a: i32, b: i32| low(a) * low(b) + (a >> 16) * (b >> 16);
        Self(std::array::from_fn(|i| {
            product(self.0[i], b.0[i]) + sum.0[i]
        }))
    }

    pub fn store_scaled(self, steps: &[f32; 4], step: f32, to: &mut [f32; 4]) {
        *to = std::array::from_fn(|i| self.0[i] as f32 * (steps[i] * step));
    }
}
