//! The only unsafe code of this crate: a checked call of `gemm`.

/// A matrix in a slice: `rows` by `columns`, `stride` numbers from one row to the next.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    pub stride: usize,
}

impl<'a> View<'a> {
    /// Rows without anything between them.
    pub fn dense(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self {
            values,
            rows,
            columns,
            stride: columns,
        }
    }

    fn end(&self) -> usize {
        match self.rows {
            0 => 0,
            rows => (rows - 1) * self.stride + self.columns,
        }
    }
}

/// `output = scale · a b`, or `scale · a bᵀ`; `output` has `stride` numbers from row to row.
///
/// # Panics
/// When the shapes do not fit each other or the slices: a defect of the plan.
#[expect(
    unsafe_code,
    reason = "gemm takes pointers; every extent is checked before the call"
)]
pub(super) fn multiply(
    output: &mut [f32],
    stride: usize,
    a: View<'_>,
    b: View<'_>,
    transposed: bool,
    scale: f32,
    threads: usize,
) {
    let (m, k) = (a.rows, a.columns);
    let (n, inner) = match transposed {
        true => (b.rows, b.columns),
        false => (b.columns, b.rows),
    };
    let end = m.saturating_sub(1) * stride + n;
    assert!(k == inner && n <= stride, "shapes of a product");
    assert!(
        m > 0 && n > 0 && k > 0 && end <= output.len(),
        "extent of a product"
    );
    assert!(
        a.end() <= a.values.len() && b.end() <= b.values.len(),
        "extents of the factors"
    );
    let (b_columns, b_rows) = match transposed {
        true => (b.stride as isize, 1),
        false => (1, b.stride as isize),
    };
    let parallelism = match threads {
        #[cfg(not(target_family = "wasm"))]
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
