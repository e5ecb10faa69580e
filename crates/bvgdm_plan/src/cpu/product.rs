//! Matrix products: natively the `gemm` crate's; in wasm our own, because that crate has no kernels
//! with the fused multiply-add of relaxed SIMD.

#[cfg(not(target_family = "wasm"))]
mod native;
// Natively the tests hold it to the same results.
#[cfg(any(target_family = "wasm", test))]
mod web;

#[cfg(not(target_family = "wasm"))]
use native as platform;
#[cfg(target_family = "wasm")]
use web as platform;

pub(super) use platform::Packed;

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

/// `[rows, inner, columns]` of a product, after every extent has been checked.
type Shape = [usize; 3];

/// `output = scale · a b`, or `scale · a bᵀ`; `output` has `stride` numbers from row to row.
///
/// # Panics
/// When the shapes do not fit each other or the slices: a defect of the plan.
pub(super) fn multiply(
    output: &mut [f32],
    stride: usize,
    a: View<'_>,
    b: View<'_>,
    transposed: bool,
    scale: f32,
    threads: usize,
) {
    let shape = check(output, stride, a, b, transposed);
    platform::multiply(output, stride, a, b, transposed, scale, shape, threads);
}

/// `output = a b` for a `b` that is the same every time; `packed` is what the platform keeps of it.
///
/// # Panics
/// As [`multiply`] does.
pub(super) fn multiply_weight(
    output: &mut [f32],
    a: View<'_>,
    b: View<'_>,
    packed: &mut Packed,
    threads: usize,
) {
    let shape = check(output, b.columns, a, b, false);
    platform::multiply_weight(output, a, b, packed, shape, threads);
}

fn check(output: &[f32], stride: usize, a: View<'_>, b: View<'_>, transposed: bool) -> Shape {
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
    [m, k, n]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    #[test]
    fn the_product_of_the_web_is_the_native_one() {
        // Whole tiles, every remainder of them, and strides.
        for (m, k, n) in [
            (4, 8, 8),
            (1, 1, 1),
            (2, 3, 5),
            (5, 7, 12),
            (7, 40, 30),
            (28, 60, 28),
        ] {
            for transposed in [false, true] {
                let (a, b) = (numbers(m * (k + 3), 1), numbers((n + 5) * (k + 5), 2));
                let a = View {
                    values: &a,
                    rows: m,
                    columns: k,
                    stride: k + 3,
                };
                let [rows, columns] = if transposed { [n, k] } else { [k, n] };
                let b = View {
                    values: &b,
                    rows,
                    columns,
                    stride: columns + 5,
                };
                let stride = n + 2;
                let run =
                    |f: fn(&mut [f32], usize, View<'_>, View<'_>, bool, f32, Shape, usize)| {
                        let mut output = vec![9.0; m * stride];
                        let shape = check(&output, stride, a, b, transposed);
                        f(&mut output, stride, a, b, transposed, 0.5, shape, 1);
                        output
                    };
                let (found, expected) = (run(web::multiply), run(native::multiply));
                close(&found, &expected, &format!("{m} {k} {n} {transposed}"));
            }
        }
    }

    #[test]
    fn the_product_of_the_web_keeps_a_weight_and_gives_the_same_again() {
        for (m, k, n) in [(28, 60, 28), (5, 7, 12), (1, 3, 5)] {
            let b = numbers(k * n, 2);
            let b = View::dense(&b, k, n);
            let mut packed = web::Packed::default();
            for seed in [3, 4] {
                let a = numbers(m * k, seed);
                let a = View::dense(&a, m, k);
                let (mut found, mut expected) = (vec![9.0; m * n], vec![9.0; m * n]);
                web::multiply_weight(&mut found, a, b, &mut packed, [m, k, n], 1);
                native::multiply(&mut expected, n, a, b, false, 1.0, [m, k, n], 1);
                close(&found, &expected, &format!("{m} {k} {n}"));
            }
        }
    }

    fn close(found: &[f32], expected: &[f32], what: &str) {
        assert_eq!(found.len(), expected.len());
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            let off = (found - expected).abs();
            assert!(off < 1e-5, "{what} at {i}: {found} {expected}");
        }
    }
}
