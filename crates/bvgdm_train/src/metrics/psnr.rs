//! Peak signal-to-noise ratio.

use bvgdm_core::Frame;

use super::same_size;

/// What two equal frames get, in dB, so that means stay finite. Rounding to 8 bits alone makes
/// 58.9 dB: what lies above is not told apart.
pub const MAX_PSNR: f64 = 60.0;

/// PSNR in dB over all pixels and channels, with the peak at 255; at most [`MAX_PSNR`]; NaN
/// for frames of different sizes.
pub fn psnr(a: &Frame, b: &Frame) -> f64 {
    if !same_size(a, b) {
        return f64::NAN;
    }
    let sum: u64 = a
        .rgb
        .iter()
        .zip(&b.rgb)
        .map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2))
        .sum();
    psnr_of_mse(sum as f64 / a.rgb.len() as f64 / (255.0 * 255.0))
}

/// PSNR in dB of a mean squared error of values in [0, 1]; at most [`MAX_PSNR`].
pub fn psnr_of_mse(mse: f64) -> f64 {
    (-10.0 * mse.log10()).min(MAX_PSNR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::pair;

    #[test]
    fn known_values() {
        let grey = |value| Frame::new(4, 4, vec![value; 48]).unwrap();
        // 20 log10(255 / 1) and 20 log10(255 / 255).
        assert!((psnr(&grey(7), &grey(8)) - 48.130_803_6).abs() < 1e-6);
        assert!(psnr(&grey(0), &grey(255)).abs() < 1e-9);
        assert_eq!(psnr(&grey(7), &grey(7)), MAX_PSNR);
        assert!(psnr(&grey(7), &Frame::new(2, 8, vec![0; 48]).unwrap()).is_nan());
    }

    #[test]
    fn as_image_compare_has_it() {
        use image_compare::Algorithm::RootMeanSquared;
        let (a, b) = pair(40, 24);
        // Its pictures are grey: a frame's bytes as one row after the other.
        let grey = |frame: &Frame| {
            let (width, height) = (3 * frame.width as u32, frame.height as u32);
            image::GrayImage::from_raw(width, height, frame.rgb.clone()).unwrap()
        };
        let score =
            image_compare::gray_similarity_structure(&RootMeanSquared, &grey(&a), &grey(&b))
                .unwrap()
                .score;
        let expected = -20.0 * (1.0 - score).log10();
        let found = psnr(&a, &b);
        assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
    }
}
