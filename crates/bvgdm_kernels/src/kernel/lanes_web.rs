//! A vector of wasm.

use core::arch::wasm32::{
    f32x4_add, f32x4_mul, f32x4_pmax, f32x4_splat, v128, v128_load, v128_store,
};

use bytemuck::Pod;

/// Four numbers.
#[derive(Debug, Clone, Copy)]
pub struct Lanes(v128);

impl Lanes {
    #[inline(always)]
    pub fn new(values: &[f32; 4]) -> Self {
        Self(load(values))
    }

    #[inline(always)]
    pub fn splat(value: f32) -> Self {
        Self(f32x4_splat(value))
    }

    /// `self · factor + sum`.
    #[inline(always)]
    pub fn multiply_add(self, factor: Self, sum: Self) -> Self {
        Self(f32x4_add(f32x4_mul(self.0, factor.0), sum.0))
    }

    #[inline(always)]
    pub fn multiply(self, factor: Self) -> Self {
        Self(f32x4_mul(self.0, factor.0))
    }

    #[inline(always)]
    pub fn add(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    /// The larger ones of each two; what is no number may be left out.
    #[inline(always)]
    pub fn max(self, other: Self) -> Self {
        Self(f32x4_pmax(self.0, other.0))
    }

    #[inline(always)]
    pub fn store(self, to: &mut [f32; 4]) {
        store(self.0, to);
    }
}

/// What lies there as a vector.
#[inline(always)]
#[expect(
    unsafe_code,
    reason = "a load takes a pointer; built of four numbers it would be four loads"
)]
pub fn load<T: Pod>(values: &[T; 4]) -> v128 {
    const { assert!(size_of::<T>() == 4) };
    // SAFETY: 16 bytes of plain numbers lie there, and a load may be unaligned.
    unsafe { v128_load(values.as_ptr().cast()) }
}

/// Writes a vector there.
#[inline(always)]
#[expect(unsafe_code, reason = "a store takes a pointer")]
pub fn store(vector: v128, to: &mut [f32; 4]) {
    // SAFETY: 16 bytes lie there, and a store may be unaligned.
    unsafe { v128_store(to.as_mut_ptr().cast(), vector) }
}
