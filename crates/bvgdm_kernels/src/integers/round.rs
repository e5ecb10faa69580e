//! How numbers become whole.

use crate::kernel::Kernel;

/// Greatest length (Euclid's) of a left row, less what its own sum may be off by: no number is larger either.
pub const LONGEST_ROW: f32 = 32_760.0;
/// The same of a right column.
pub const LONGEST_COLUMN: f32 = 65_500.0;
/// Largest of its numbers.
pub const LARGEST: f32 = 32_767.0;

/// What a left row's numbers are multiples of, and the inverse of that.
#[inline(always)]
pub fn step_of_row(kernel: impl Kernel, row: &[f32]) -> (f32, f32) {
    step(kernel.dot(row, row).sqrt() / within(LONGEST_ROW, row.len()))
}

/// What a right column's numbers are multiples of, and the inverse of that.
pub fn step_of_column(column: &[f32]) -> (f32, f32) {
    let squares = column.iter().map(|&x| f64::from(x) * f64::from(x));
    let length = squares.sum::<f64>().sqrt() as f32;
    // As bits, NaN is larger than all numbers.
    let bits = column.iter().map(|x| x.to_bits() & 0x7fff_ffff);
    let largest = f32::from_bits(bits.fold(0, u32::max));
    step((length / within(LONGEST_COLUMN, column.len())).max(largest / LARGEST))
}

/// The length that `count` numbers may have before each is rounded by half a step at most.
#[inline(always)]
fn within(longest: f32, count: usize) -> f32 {
    longest - (count as f32).sqrt() / 2.0
}

/// A step and its inverse; 0 and 0 for numbers that are as good as nothing, and whose squares are nothing.
#[inline(always)]
fn step(step: f32) -> (f32, f32) {
    if step < 1e-18 {
        (0.0, 0.0)
    } else {
        (step, 1.0 / step)
    }
}

/// The nearest whole numbers, of 16 bits each. Added to 1.5 · 2²³, whose neighbours are whole, a number's
/// nearest one is in the last bits.
#[inline(always)]
pub fn pair_of(a: f32, b: f32) -> i32 {
    let bits = |x: f32| (x + 12_582_912.0).to_bits();
    (bits(a) & 0xffff | bits(b) << 16) as i32
}
