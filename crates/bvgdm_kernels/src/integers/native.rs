//! Pairs as wide as the processor's vectors.

use pulp::{Scalar, Simd};

use super::kernel::{IntegerKernel, Panel};
use super::panels::Product;
use super::rows::IntegerRows;
use crate::kernel::{Output, VECTORS, prefetch};

#[cfg(target_arch = "x86_64")]
#[path = "x86.rs"]
mod processor;
#[cfg(not(target_arch = "x86_64"))]
#[path = "other.rs"]
mod processor;

pub use processor::{are_faster, panel_width, with_integers};

/// Vectors that can multiply pairs.
trait Pairs: Simd {
    /// `a₀ b₀ + a₁ b₁ + sum` for each two pairs.
    fn add_products(self, a: Self::i32s, b: Self::i32s, sum: Self::i32s) -> Self::i32s;

    /// The same numbers as f32.
    fn to_f32s(self, values: Self::i32s) -> Self::f32s;
}

impl Pairs for Scalar {
    #[inline(always)]
    fn add_products(self, a: i32, b: i32, sum: i32) -> i32 {
        let low = i32::from(a as i16) * i32::from(b as i16);
        low + (a >> 16) * (b >> 16) + sum
    }

    #[inline(always)]
    fn to_f32s(self, values: i32) -> f32 {
        values as f32
    }
}

#[derive(Clone, Copy)]
struct Vectors<S>(S);

impl<S: Pairs> IntegerKernel for Vectors<S> {
    // As many sums as leave registers for a row of the panel, a pair and a product.
    const ROWS: usize = if S::REGISTER_COUNT >= 32 { 14 } else { 6 };

    #[inline(always)]
    fn tile<const R: usize>(
        self,
        panel: Panel<'_>,
        a: &IntegerRows,
        first: usize,
        output: Output<'_>,
    ) {
        let Self(simd) = self;
        let (pairs, _) = S::as_simd_i32s(panel.pairs);
        let (pairs, _) = pairs.as_chunks::<VECTORS>();
        let mut rows: [&[i32]; R] = [&[]; R];
        for (i, row) in rows.iter_mut().enumerate() {
            *row = &a.row(first + i).0[..pairs.len()];
        }
        let mut sums = [[simd.splat_i32s(0); VECTORS]; R];
        for (i, row @ &[left, right]) in pairs.iter().enumerate() {
            prefetch(row, pairs.len());
            for (sums, row) in sums.iter_mut().zip(rows) {
                let pair = simd.splat_i32s(row[i]);
                sums[0] = simd.add_products(left, pair, sums[0]);
                sums[1] = simd.add_products(right, pair, sums[1]);
            }
        }
        let (steps, _) = S::as_simd_f32s(panel.steps);
        for (i, sums) in sums.into_iter().enumerate() {
            let step = simd.splat_f32s(a.row(first + i).1);
            let out = &mut output.values[i * output.stride..][..output.columns];
            for ((out, sum), steps) in out.chunks_mut(S::F32_LANES).zip(sums).zip(steps) {
                let sum = simd.mul_f32s(simd.to_f32s(sum), simd.mul_f32s(step, *steps));
                simd.partial_store_f32s(out, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integers::tests::check;

    #[test]
    fn whole_numbers_are_multiplied_on_this_processor() {
        check(panel_width(), with_integers);
    }

    #[test]
    fn whole_numbers_are_multiplied_without_vectors() {
        check(VECTORS, |product| product.run(Vectors(Scalar::new())));
    }
}
