//! `i32x4.dot_i16x8_s` of wasm, which every browser with vectors has.

#[cfg_attr(target_family = "wasm", path = "lanes_web.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "lanes_native.rs")]
mod lanes;

use lanes::Lanes;

use super::kernel::{IntegerKernel, Panel};
#[cfg(target_family = "wasm")]
use super::panels::Product;
use super::rows::IntegerRows;
use crate::kernel::Output;

/// Pairs in a vector.
const LANES: usize = 4;
/// Vectors of a tile's row.
const VECTORS: usize = 2;
/// Columns of a panel.
const WIDTH: usize = LANES * VECTORS;

/// Whether products of whole numbers are faster than those in f32.
#[cfg(target_family = "wasm")]
pub fn are_faster() -> bool {
    true
}

/// Columns of a panel.
#[cfg(target_family = "wasm")]
pub fn panel_width() -> usize {
    WIDTH
}

/// Computes `product`.
#[cfg(target_family = "wasm")]
pub fn with_integers(product: Product<'_>) {
    product.run(Simd128);
}

#[derive(Clone, Copy)]
struct Simd128;

impl IntegerKernel for Simd128 {
    const ROWS: usize = 4;

    #[inline(always)]
    fn tile<const R: usize>(
        self,
        panel: Panel<'_>,
        a: &IntegerRows,
        first: usize,
        output: Output<'_>,
    ) {
        let (pairs, _) = panel.pairs.as_chunks::<WIDTH>();
        // Rows that a smaller tile lacks are its last one again, and not written.
        let row = |i: usize| &a.row(first + i.min(R - 1)).0[..pairs.len()];
        let sums = sums(pairs, [row(0), row(1), row(2), row(3)]);
        let (steps, _) = panel.steps.as_chunks::<LANES>();
        for (i, sums) in sums.iter().enumerate().take(R) {
            let out = &mut output.values[i * output.stride..][..output.columns];
            let mut whole = [0.0; WIDTH];
            let (vectors, _) = whole.as_chunks_mut::<LANES>();
            for ((sum, steps), to) in sums.iter().zip(steps).zip(vectors) {
                sum.store_scaled(steps, a.row(first + i).1, to);
            }
            match <&mut [f32; WIDTH]>::try_from(&mut *out) {
                Ok(out) => *out = whole,
                Err(_) => out.iter_mut().zip(whole).for_each(|(out, x)| *out = x),
            }
        }
    }
}

/// Four rows times the panel. By itself, so that the sums stay in registers.
#[inline(never)]
fn sums(
    panel: &[[i32; WIDTH]],
    [a, b, c, d]: [&[i32]; Simd128::ROWS],
) -> [[Lanes; VECTORS]; Simd128::ROWS] {
    let mut all = [[Lanes::splat(0); VECTORS]; Simd128::ROWS];
    let rows = a.iter().zip(b).zip(c.iter().zip(d));
    for (row, ((a, b), (c, d))) in panel.iter().zip(rows) {
        let (vectors, _) = row.as_chunks::<LANES>();
        for (sums, pair) in all.iter_mut().zip([a, b, c, d]) {
            let pair = Lanes::splat(*pair);
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = Lanes::new(vector).add_products(pair, *sum);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integers::tests::check;

    #[test]
    fn whole_numbers_are_multiplied_in_the_web() {
        check(WIDTH, |product| product.run(Simd128));
    }
}
