//! A vector of wasm.

use core::arch::wasm32::{
    f32x4_convert_i32x4, f32x4_mul, f32x4_splat, i32x4_add, i32x4_dot_i16x8, i32x4_splat, v128,
    v128_load, v128_store,
};

/// Four pairs, or four sums.
#[derive(Debug, Clone, Copy)]
pub struct Lanes(v128);

impl Lanes {
    #[inline(always)]
    #[expect(
        unsafe_code,
        reason = "a load takes a pointer; built of four numbers it would be four loads"
    )]
    pub fn new(pairs: &[i32; 4]) -> Self {
        // SAFETY: 16 bytes lie there, and a load may be unaligned.
        Self(unsafe { v128_load(pairs.as_ptr().cast()) })
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
    #[expect(unsafe_code, reason = "loads and stores take pointers")]
    pub fn store_scaled(self, steps: &[f32; 4], step: f32, to: &mut [f32; 4]) {
        // SAFETY: 16 bytes lie there, and a load may be unaligned.
        let steps = unsafe { v128_load(steps.as_ptr().cast()) };
        let steps = f32x4_mul(steps, f32x4_splat(step));
        let values = f32x4_mul(f32x4_convert_i32x4(self.0), steps);
        // SAFETY: 16 bytes lie there, and a store may be unaligned.
        unsafe { v128_store(to.as_mut_ptr().cast(), values) }
    }
}
