//! A vector of wasm.

use core::arch::wasm32::{
    f32x4_convert_i32x4, f32x4_mul, f32x4_splat, i32x4_add, i32x4_dot_i16x8, i32x4_splat, v128,
};

use crate::kernel::{load, store};

/// Four pairs, or four sums.
#[derive(Debug, Clone, Copy)]
pub struct Lanes(v128);

impl Lanes {
    #[inline(always)]
    pub fn new(pairs: &[i32; 4]) -> Self {
        Self(load(pairs))
    }

    #[inline(always)]
    pub fn splat(pair: i32) -> Self {
        Self(i32x4_splat(pair))
    }

    /// `a₀ b₀ + a₁ b₁ + sum` for each two pairs.
    #[inline(always)]
    pub fn add_products(self, b: Self, sum: Self) -> Self {
        Self(i32x4_add(i32x4_dot_i16x8(self.0, b.0), sum.0))
    }

    /// Sums as multiples of `step · steps`.
    #[inline(always)]
    pub fn store_scaled(self, steps: &[f32; 4], step: f32, to: &mut [f32; 4]) {
        let steps = f32x4_mul(load(steps), f32x4_splat(step));
        store(f32x4_mul(f32x4_convert_i32x4(self.0), steps), to);
    }
}
