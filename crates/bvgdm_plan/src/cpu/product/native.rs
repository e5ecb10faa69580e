//! The only unsafe code of this crate: a checked call of `gemm`.

use super::{Shape, View};

/// `gemm` packs as it goes.
#[derive(Debug, Clone, Default)]
pub struct Packed(());

pub fn multiply_weight(
    output: &mut [f32],
    a: View<'_>,
    b: View<'_>,
    _packed: &mut Packed,
    shape: Shape,
    threads: usize,
) {
    multiply(output, b.columns, a, b, false, 1.0, shape, threads);
}

#[expect(
    unsafe_code,
    reason = "gemm takes pointers; every extent is checked before the call"
)]
pub fn multiply(
    output: &mut [f32],
    stride: usize,
    a: View<'_>,
    b: View<'_>,
    transposed: bool,
    scale: f32,
    [m, k, n]: Shape,
    threads: usize,
) {
    let (b_columns, b_rows) = match transposed {
        true => (b.stride as isize, 1),
        false => (1, b.stride as isize),
    };
    let parallelism = match threads {
        2.. => gemm::Parallelism::Rayon(threads),
        _ => gemm::Parallelism::None,
    };
    // SAFETY: the three extents lie within their slices, `output` is not shared, f32 is a type that
    // gemm knows, and `read_dst` is false, so `output` is only written.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            output.as_mut_ptr(),
            1,
            stride as isize,
            false,
            a.values.as_ptr(),
            1,
            a.stride as isize,
            b.values.as_ptr(),
            b_columns,
            b_rows,
            0.0,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}
