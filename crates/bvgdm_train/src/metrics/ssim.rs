//! Structural similarity.

use bvgdm_core::Frame;

use super::{luma, same_size};

const WINDOW: usize = 11;
const SIGMA: f64 = 1.5;
const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);

/// Mean SSIM (Wang, Bovik, Sheikh and Simoncelli 2004) of the luma (BT.601, 0 to 255): Gaussian
/// windows of 11 by 11 pixels with σ = 1.5 that lie wholly within the frame, K1 = 0.01, K2 = 0.03.
/// 1 for equal frames, down to -1; NaN for frames of different sizes or with a side below 11.
pub fn ssim(a: &Frame, b: &Frame) -> f64 {
    if !same_size(a, b) || a.width < WINDOW || a.height < WINDOW {
        return f64::NAN;
    }
    let (x, y) = (luma(a), luma(b));
    let blurred = |value: &dyn Fn(f64, f64) -> f64| {
        let values = x
            .iter()
            .zip(&y)
            .map(|(&x, &y)| value(f64::from(x), f64::from(y)));
        blur(&values.collect::<Vec<_>>(), a.width)
    };
    let (mean_x, mean_y) = (blurred(&|x, _| x), blurred(&|_, y| y));
    let (square_x, square_y) = (blurred(&|x, _| x * x), blurred(&|_, y| y * y));
    let product = blurred(&|x, y| x * y);
    let sum: f64 = mean_x
        .iter()
        .zip(&mean_y)
        .zip(square_x.iter().zip(&square_y).zip(&product))
        .map(|((mx, my), ((xx, yy), xy))| {
            let (vx, vy, cov) = (xx - mx * mx, yy - my * my, xy - mx * my);
            (2.0 * mx * my + C1) * (2.0 * cov + C2) / ((mx * mx + my * my + C1) * (vx + vy + C2))
        })
        .sum();
    sum / mean_x.len() as f64
}

/// The Gaussian mean of every window, first along the rows and then down the columns.
fn blur(values: &[f64], width: usize) -> Vec<f64> {
    let kernel = kernel();
    let rows: Vec<Vec<f64>> = values
        .chunks_exact(width)
        .map(|row| {
            let windows = row.windows(WINDOW);
            windows
                .map(|w| w.iter().zip(&kernel).map(|(v, k)| v * k).sum())
                .collect()
        })
        .collect();
    let mut out = Vec::with_capacity(values.len());
    for window in rows.windows(WINDOW) {
        let mut mean = vec![0.0; width + 1 - WINDOW];
        for (row, k) in window.iter().zip(&kernel) {
            mean.iter_mut()
                .zip(row)
                .for_each(|(sum, value)| *sum += value * k);
        }
        out.extend(mean);
    }
    out
}

fn kernel() -> [f64; WINDOW] {
    let centre = (WINDOW / 2) as f64;
    let weights: [f64; WINDOW] =
        std::array::from_fn(|i| (-(i as f64 - centre).powi(2) / (2.0 * SIGMA * SIGMA)).exp());
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::pair;

    /// The definition, window by window, without any trick.
    fn plain(a: &Frame, b: &Frame) -> f64 {
        let grey = |f: &Frame, x: usize, y: usize| {
            let p = &f.rgb[3 * (y * f.width + x)..];
            0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2])
        };
        let mut scores = Vec::new();
        for top in 0..=a.height - 11 {
            for left in 0..=a.width - 11 {
                let mut cells = Vec::new();
                for (dx, dy) in (0..121).map(|i| (i % 11, i / 11)) {
                    let far = (dx as f64 - 5.0).powi(2) + (dy as f64 - 5.0).powi(2);
                    let (x, y) = (left + dx, top + dy);
                    cells.push(((-far / 4.5).exp(), grey(a, x, y), grey(b, x, y)));
                }
                let all: f64 = cells.iter().map(|c| c.0).sum();
                let mean = |f: &dyn Fn(f64, f64) -> f64| {
                    cells.iter().map(|c| c.0 * f(c.1, c.2)).sum::<f64>() / all
                };
                let (mx, my) = (mean(&|x, _| x), mean(&|_, y| y));
                let vx = mean(&|x, _| (x - mx).powi(2));
                let vy = mean(&|_, y| (y - my).powi(2));
                let cov = mean(&|x, y| (x - mx) * (y - my));
                let (c1, c2) = (6.5025, 58.5225);
                scores.push(
                    (2.0 * mx * my + c1) * (2.0 * cov + c2)
                        / ((mx * mx + my * my + c1) * (vx + vy + c2)),
                );
            }
        }
        scores.iter().sum::<f64>() / scores.len() as f64
    }

    #[test]
    fn it_is_what_the_paper_defines() {
        let (a, b) = pair(40, 24);
        let (found, expected) = (ssim(&a, &b), plain(&a, &b));
        assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
        assert!((ssim(&a, &a) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn as_scikit_image_has_it() {
        // structural_similarity(luma, luma, gaussian_weights=True, sigma=1.5,
        // use_sample_covariance=False, data_range=255) of scikit-image 0.26.0.
        let (a, b) = pair(40, 24);
        assert!((ssim(&a, &b) - 0.835_522_243_674_414).abs() < 1e-5);
        let (a, b) = pair(112, 64);
        assert!((ssim(&a, &b) - 0.846_406_438_597_045_3).abs() < 1e-5);
    }

    #[test]
    fn a_brighter_picture_has_the_known_value() {
        // Without structure only the first factor is left: (2xy + C1) / (x² + y² + C1).
        let grey = |value| Frame::new(11, 11, vec![value; 363]).unwrap();
        let expected =
            (2.0 * 100.0 * 150.0 + 6.5025) / (100.0f64.powi(2) + 150.0f64.powi(2) + 6.5025);
        assert!((ssim(&grey(100), &grey(150)) - expected).abs() < 1e-6);
        assert!(ssim(&grey(1), &Frame::new(10, 11, vec![0; 330]).unwrap()).is_nan());
    }
}
