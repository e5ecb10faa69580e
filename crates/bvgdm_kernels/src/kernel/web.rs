//! Vectors of 128 bits, as wasm has them, on the one thread of a worker.

#[cfg_attr(target_family = "wasm", path = "lanes_web.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "lanes_native.rs")]
mod lanes;

use lanes::Lanes;
#[cfg(target_family = "wasm")]
pub use lanes::{load, store};

use super::{Kernel, Output, Work};
use crate::view::View;

/// Numbers in a vector.
const LANES: usize = 4;
/// Vectors of a tile's row.
const VECTORS: usize = 2;
/// Columns of a panel.
const WIDTH: usize = LANES * VECTORS;

/// Columns of a panel.
#[cfg(target_family = "wasm")]
pub fn panel_width() -> usize {
    WIDTH
}

/// Does `work` with what the build may assume that browsers have.
#[cfg(target_family = "wasm")]
pub fn with_vectors(work: impl Work) {
    work.run(Simd128);
}

/// How many parts of a piece of work are worth making.
#[cfg(target_family = "wasm")]
pub fn threads() -> usize {
    1
}

/// Does `task` for every part, one after the other.
#[cfg(target_family = "wasm")]
pub fn side_by_side<T>(parts: &mut [T], task: &impl Fn(&mut T)) {
    parts.iter_mut().for_each(task);
}

/// Does `work` on this thread.
#[cfg(target_family = "wasm")]
pub fn among_threads<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[derive(Clone, Copy)]
struct Simd128;

/// Does `work` on this thread.
#[cfg(target_family = "wasm")]
pub fn apart<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Does `work` on this thread.
#[cfg(target_family = "wasm")]
pub fn awake<R>(_threads: usize, work: impl FnOnce() -> R) -> R {
    work()
}

impl Kernel for Simd128 {
    // With the vectors, as many sums as keep the multipliers busy; x86-64's 16 registers hold them and
    // what is multiplied. With six rows it was slower.
    const ROWS: usize = 4;

    #[inline(always)]
    fn tile<const R: usize>(self, panel: &[f32], a: View<'_>, output: Output<'_>) {
        let (panel, _) = panel.as_chunks::<WIDTH>();
        // Rows that a smaller tile lacks are its last one again, and not written.
        let row = |i: usize| &a.values[i.min(R - 1) * a.stride..][..panel.len()];
        let sums = products(panel, [row(0), row(1), row(2), row(3)]);
        let scale = Lanes::splat(output.scale);
        for (i, sums) in sums.iter().enumerate().take(R) {
            let out = &mut output.values[i * output.stride..][..output.columns];
            let mut whole = [0.0; WIDTH];
            match <&mut [f32; WIDTH]>::try_from(&mut *out) {
                Ok(out) => store_row(sums, scale, out),
                Err(_) => {
                    store_row(sums, scale, &mut whole);
                    out.iter_mut().zip(whole).for_each(|(out, x)| *out = x);
                }
            }
        }
    }

    #[inline(always)]
    fn sum(self, row: &[f32]) -> f32 {
        fold(row, 0.0, Lanes::add, |a, b| a + b)
    }

    #[inline(always)]
    fn dot(self, a: &[f32], b: &[f32]) -> f32 {
        let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        let mut sums = Lanes::splat(0.0);
        for (a, b) in a.iter().zip(b) {
            sums = Lanes::new(a).multiply_add(Lanes::new(b), sums);
        }
        let mut values = [0.0; LANES];
        sums.store(&mut values);
        let rest = rest_a.iter().zip(rest_b).map(|(a, b)| a * b);
        values.into_iter().chain(rest).sum()
    }

    #[inline(always)]
    fn largest(self, row: &[f32]) -> f32 {
        fold(row, f32::NEG_INFINITY, Lanes::max, f32::max)
    }
}

/// All of `row` into one number, by vectors and the rest by itself.
#[inline(always)]
fn fold(
    row: &[f32],
    start: f32,
    vectors: impl Fn(Lanes, Lanes) -> Lanes,
    numbers: impl Fn(f32, f32) -> f32,
) -> f32 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let lanes = chunks
        .iter()
        .fold(Lanes::splat(start), |a, b| vectors(a, Lanes::new(b)));
    let mut values = [start; LANES];
    lanes.store(&mut values);
    values.iter().chain(rest).fold(start, |a, b| numbers(a, *b))
}

/// Writes a tile's row.
#[inline(always)]
fn store_row(sums: &[Lanes; VECTORS], scale: Lanes, to: &mut [f32; WIDTH]) {
    let (vectors, _) = to.as_chunks_mut::<LANES>();
    for (sum, to) in sums.iter().zip(vectors) {
        sum.multiply(scale).store(to);
    }
}

/// Four rows times the panel. By itself, so that the sums stay in registers.
#[inline(never)]
fn products(
    panel: &[[f32; WIDTH]],
    [a, b, c, d]: [&[f32]; Simd128::ROWS],
) -> [[Lanes; VECTORS]; Simd128::ROWS] {
    let mut all = [[Lanes::splat(0.0); VECTORS]; Simd128::ROWS];
    let rows = a.iter().zip(b).zip(c.iter().zip(d));
    for (row, ((a, b), (c, d))) in panel.iter().zip(rows) {
        let (vectors, _) = row.as_chunks::<LANES>();
        for (sums, factor) in all.iter_mut().zip([a, b, c, d]) {
            let factor = Lanes::splat(*factor);
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = Lanes::new(vector).multiply_add(factor, *sum);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::tests::check_rows;
    use crate::product::tests::check;

    #[test]
    fn the_kernel_of_the_web_multiplies() {
        check(WIDTH, |product| product.run(Simd128));
    }

    #[test]
    fn rows_are_added_up_in_the_web() {
        check_rows(Simd128);
    }
}
