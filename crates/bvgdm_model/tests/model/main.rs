//! What the model promises, in one binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail by them")]

mod cached;
mod diffusers;
mod fixtures;
mod full_size;
mod hostile;
mod import;
mod oasis;
#[cfg(feature = "tch")]
mod torch;
mod world_files;

use burn_flex::Flex;

/// The engine that every other is compared with.
pub type B = Flex;

/// The largest absolute difference of two slices; infinite where one has no number.
pub fn max_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "as many numbers on both sides");
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .map(|d| if d.is_nan() { f32::INFINITY } else { d })
        .fold(0.0, f32::max)
}
