//! Products against sums in f64.

use super::*;
use crate::kernel::Work;

/// A product to be checked.
pub struct Product<'a> {
    turned: bool,
    output: &'a mut [f32],
    stride: usize,
    a: View<'a>,
    b: &'a Panels,
    columns: Range<usize>,
}

impl Work for Product<'_> {
    fn run<K: Kernel>(self, kernel: K) {
        let Self {
            turned,
            output,
            stride,
            a,
            b,
            columns,
        } = self;
        match turned {
            false => b.multiply(kernel, output, stride, a, columns, 0.5),
            true => b.multiply_turned(kernel, output, stride, a, columns, 0.5),
        }
    }
}

/// Holds a kernel with panels of this width to the product in f64.
pub fn check(width: usize, run: impl Fn(Product<'_>)) {
    // Whole tiles, every remainder of them, and strides.
    for (m, k, n) in [
        (4, 8, 8),
        (1, 1, 1),
        (2, 3, 5),
        (5, 7, 12),
        (7, 40, 30),
        (28, 60, 70),
    ] {
        for turned in [false, true] {
            let [rows, columns] = if turned { [k, m] } else { [m, k] };
            let (a, b) = (numbers(rows * (columns + 3), 1), numbers(k * (n + 5), 2));
            let view = |values, rows, columns, more| View {
                values,
                rows,
                columns,
                stride: columns + more,
            };
            let (a, b) = (view(&a, rows, columns, 3), view(&b, k, n, 5));
            let mut panels = Panels::default();
            panels.fill_by(b, width);
            for columns in [1, 2, 3].iter().flat_map(|parts| panels.parts(*parts)) {
                let stride = columns.len() + 2;
                let mut output = vec![9.0; m * stride];
                run(Product {
                    turned,
                    output: &mut output,
                    stride,
                    a,
                    b: &panels,
                    columns: columns.clone(),
                });
                let at = |row: usize, column: usize| match turned {
                    false => a.values[row * a.stride + column],
                    true => a.values[column * a.stride + row],
                };
                compare(&output, stride, columns, |row, column| {
                    let terms = (0..k).map(|i| {
                        f64::from(at(row, i)) * f64::from(b.values[i * b.stride + column])
                    });
                    0.5 * terms.sum::<f64>()
                });
            }
        }
    }
}

/// Holds rows with these columns to what is expected, and to nothing written between them.
fn compare(
    output: &[f32],
    stride: usize,
    columns: Range<usize>,
    expected: impl Fn(usize, usize) -> f64,
) {
    for (row, found) in output.chunks_exact(stride).enumerate() {
        for (column, found) in columns.clone().zip(found) {
            let expected = expected(row, column);
            let off = (f64::from(*found) - expected).abs();
            assert!(off < 1e-5, "at {row} {column}: {found} {expected}");
        }
        let between = &found[columns.len()..];
        assert!(between.iter().all(|&x| x == 9.0), "between rows");
    }
}

#[test]
fn panels_are_the_same_by_every_way_to_fill_them() {
    let (rows, columns) = (7, 45);
    let b = numbers(rows * columns, 3);
    let transposed: Vec<f32> = (0..columns * rows)
        .map(|i| b[i % rows * columns + i / rows])
        .collect();
    // In memory that held something else.
    let mut found = Panels::of(View::dense(&b, rows, columns - 9));
    found.fill_transposed(View::dense(&transposed, columns, rows));
    let mut expected = Panels::of(View::dense(&b, rows, columns));
    assert_eq!(found.values_mut(), expected.values_mut());

    found.fill_transposed_shared(View::dense(&transposed, columns, rows));
    assert_eq!(found.values_mut(), expected.values_mut());
    found.fill_shared(View::dense(&b, rows, columns));
    assert_eq!(found.values_mut(), expected.values_mut());
}

/// Numbers without a pattern.
pub fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}
