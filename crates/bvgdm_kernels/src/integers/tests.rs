//! Products of whole numbers against sums in f64.

use super::panels::Product;
use super::round::{LARGEST, LONGEST_COLUMN, LONGEST_ROW};
use super::*;
use crate::product::tests::numbers;
use crate::view::View;

/// Holds tiles with panels of this width to the product in f64.
pub fn check(width: usize, run: impl Fn(Product<'_>)) {
    // Whole tiles, every remainder of them, odd numbers of rows, sums near the limit.
    for (m, k, n) in [
        (4, 8, 8),
        (1, 1, 1),
        (2, 3, 5),
        (5, 7, 12),
        (7, 41, 30),
        (28, 60, 70),
        (3, 5000, 9),
        (4, 16_384, 8),
    ] {
        let a = numbers(m * (k + 3), 1);
        // Columns of different sizes, the largest of one sign.
        let b: Vec<f32> = (numbers(k * n, 2).iter().zip(0..))
            .map(|(x, i)| match i % n {
                0 => x.abs() + 9.0,
                column => x * column as f32,
            })
            .collect();
        let a = View {
            values: &a,
            rows: m,
            columns: k,
            stride: k + 3,
        };
        let b = View::dense(&b, k, n);
        let mut rows = IntegerRows::default();
        // In memory that held something else.
        rows.fill(View::dense(&[7.0; 64], 8, 8));
        rows.fill(a);
        let panels = IntegerPanels::of_width(b, width);
        for columns in [1, 2, 3].iter().flat_map(|parts| panels.parts(*parts)) {
            let mut output = vec![9.0; m * columns.len()];
            run(Product {
                output: &mut output,
                a: &rows,
                b: &panels,
                columns: columns.clone(),
            });
            for (row, found) in output.chunks_exact(columns.len()).enumerate() {
                for (column, found) in columns.clone().zip(found) {
                    near(*found, a, b, row, column);
                }
            }
        }
    }
}

/// No further off than the roundings of both factors can take it.
fn near(found: f32, a: View<'_>, b: View<'_>, row: usize, column: usize) {
    let pairs: Vec<[f64; 2]> = (0..a.columns)
        .map(|i| {
            let a = a.values[row * a.stride + i];
            [a.into(), b.values[i * b.stride + column].into()]
        })
        .collect();
    let sum = |of: fn(&[f64; 2]) -> f64| pairs.iter().map(of).sum::<f64>();
    let largest = |of: fn(&[f64; 2]) -> f64| pairs.iter().map(of).fold(0.0, f64::max);
    let step_of_a = 1.01 * sum(|[a, _]| a * a).sqrt() / f64::from(LONGEST_ROW);
    let by_length = sum(|[_, b]| b * b).sqrt() / f64::from(LONGEST_COLUMN);
    let by_largest = largest(|[_, b]| b.abs()) / f64::from(LARGEST);
    let step_of_b = 1.01 * by_length.max(by_largest);
    let most = step_of_a / 2.0 * sum(|[_, b]| b.abs())
        + step_of_b / 2.0 * (sum(|[a, _]| a.abs()) + pairs.len() as f64 * step_of_a);
    let expected = sum(|[a, b]| a * b);
    let off = (f64::from(found) - expected).abs();
    assert!(
        off <= most * 1.001 + expected.abs() * 1e-6,
        "at {row} {column}: {found} {expected}, {off} of {most}"
    );
}

/// What a row of ones times a column gives.
fn product_of(a: &[f32], b: &[f32]) -> f32 {
    let mut rows = IntegerRows::default();
    rows.fill(View::dense(a, 1, a.len()));
    let mut output = [0.0];
    IntegerPanels::of(View::dense(b, b.len(), 1)).multiply(&mut output, &rows, 0..1);
    output[0]
}

#[test]
fn a_product_is_off_by_less_than_a_thousandth_of_its_spread() {
    let spread = |k: usize| {
        let (a, b) = (numbers(k, 5), numbers(k, 6));
        let terms = a.iter().zip(&b).map(|(a, b)| f64::from(a * b));
        let off = f64::from(product_of(&a, &b)) - terms.clone().sum::<f64>();
        off.abs() / terms.map(|x| x * x).sum::<f64>().sqrt()
    };
    for k in [60, 240, 840, 3072] {
        assert!(spread(k) < 1e-3, "{k}: {}", spread(k));
    }
}

#[test]
fn what_is_no_number_stays_none() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in 0..5 {
            let mut values = [1.0, -2.0, 3.0, 0.5, 4.0];
            values[at] = bad;
            assert!(!product_of(&values, &[1.0; 5]).is_finite(), "{bad} left");
            assert!(!product_of(&[1.0; 5], &values).is_finite(), "{bad} right");
        }
    }
}

#[test]
fn nothing_times_anything_is_nothing() {
    for nothing in [0.0, 1e-42] {
        assert_eq!(product_of(&[nothing; 3], &[1.0, -2.0, 1e15]), 0.0);
        assert_eq!(product_of(&[1.0, -2.0, 1e15], &[nothing; 3]), 0.0);
    }
    assert_eq!(product_of(&[], &[]), 0.0);
}

#[test]
fn the_largest_sums_fit() {
    for count in [1, 2, 3, 60, 4096, 16_384] {
        for value in [1.0, -3.0, 1e-3] {
            let expected = value * value * count as f32;
            let found = product_of(&vec![value; count], &vec![value; count]);
            assert!((found / expected - 1.0).abs() < 1e-2, "{count}: {found}");
        }
    }
}
