//! `pmaddwd` of x86-64 multiplies pairs and adds them up; processors with VNNI add that to a sum in the same
//! step, which the compiler makes of the two where it may.

use std::arch::is_x86_feature_detected;

use pulp::x86::{V3, V4};
use pulp::{Arch, NullaryFnOnce, Scalar, Simd, cast, f32x8, f32x16, i32x8, i32x16};

use super::{Pairs, Product, Vectors};
use crate::kernel::VECTORS;

/// Whether products of whole numbers are faster than those in f32.
pub fn are_faster() -> bool {
    matches!(Arch::new(), Arch::V3(_) | Arch::V4(_))
}

/// Columns of a panel.
pub fn panel_width() -> usize {
    let lanes = match Arch::new() {
        Arch::V4(_) => V4::I32_LANES,
        Arch::V3(_) => V3::I32_LANES,
        _ => Scalar::I32_LANES,
    };
    VECTORS * lanes
}

/// Computes `product` with the widest vectors there are.
#[expect(
    unsafe_code,
    reason = "a function that uses what not every processor has may be called where it was found"
)]
pub fn with_integers(product: Product<'_>) {
    match Arch::new() {
        Arch::V4(simd) if is_x86_feature_detected!("avx512vnni") => {
            // SAFETY: all of V4 is there, since there is a `V4`, and VNNI too.
            unsafe { with_avx512_vnni(simd, product) }
        }
        Arch::V4(simd) => simd.vectorize(OnV4(simd, product)),
        Arch::V3(simd) if is_x86_feature_detected!("avxvnni") => {
            // SAFETY: all of V3 is there, since there is a `V3`, and VNNI too.
            unsafe { with_avx_vnni(simd, product) }
        }
        Arch::V3(simd) => simd.vectorize(OnV3(simd, product)),
        _ => product.run(Vectors(Scalar::new())),
    }
}

/// What is compiled for V4 by a function of pulp's.
struct OnV4<'a>(V4, Product<'a>);

impl NullaryFnOnce for OnV4<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.1.run(Vectors(self.0));
    }
}

/// What is compiled for V3 by a function of pulp's.
struct OnV3<'a>(V3, Product<'a>);

impl NullaryFnOnce for OnV3<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.1.run(Vectors(self.0));
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
fn with_avx512_vnni(simd: V4, product: Product<'_>) {
    product.run(Vectors(simd));
}

#[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,avxvnni")]
fn with_avx_vnni(simd: V3, product: Product<'_>) {
    product.run(Vectors(simd));
}

impl Pairs for V4 {
    #[inline(always)]
    fn add_products(self, a: i32x16, b: i32x16, sum: i32x16) -> i32x16 {
        let products = self.avx512bw._mm512_madd_epi16(cast(a), cast(b));
        cast(self.avx512f._mm512_add_epi32(products, cast(sum)))
    }

    #[inline(always)]
    fn to_f32s(self, values: i32x16) -> f32x16 {
        cast(self.avx512f._mm512_cvtepi32_ps(cast(values)))
    }
}

impl Pairs for V3 {
    #[inline(always)]
    fn add_products(self, a: i32x8, b: i32x8, sum: i32x8) -> i32x8 {
        let products = self.avx2._mm256_madd_epi16(cast(a), cast(b));
        cast(self.avx2._mm256_add_epi32(products, cast(sum)))
    }

    #[inline(always)]
    fn to_f32s(self, values: i32x8) -> f32x8 {
        cast(self.avx._mm256_cvtepi32_ps(cast(values)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integers::tests::check;

    #[test]
    fn whole_numbers_are_multiplied_by_every_vector_that_this_processor_has() {
        if let Some(v4) = V4::try_new() {
            let width = VECTORS * V4::I32_LANES;
            check(width, |product| v4.vectorize(OnV4(v4, product)));
        }
        let Some(v3) = V3::try_new() else { return };
        let width = VECTORS * V3::I32_LANES;
        check(width, |product| v3.vectorize(OnV3(v3, product)));
        if is_x86_feature_detected!("avxvnni") {
            // SAFETY: as in `with_integers`.
            #[expect(unsafe_code, reason = "as in `with_integers`")]
            check(width, |product| unsafe { with_avx_vnni(v3, product) });
        }
    }
}
