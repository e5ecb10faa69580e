//! How like two frames are, and how sharp one is. Plain numbers from 8-bit frames; no tensors.
//!
//! Two frames of different sizes cannot be compared: the metric is NaN.

mod psnr;
mod sharpness;
mod ssim;

pub use psnr::{MAX_PSNR, psnr, psnr_of_mse};
pub use sharpness::gradient_energy;
pub use ssim::ssim;

use bvgdm_core::Frame;

/// Luma of every pixel by ITU-R BT.601, in 0 to 255.
pub(crate) fn luma(frame: &Frame) -> Vec<f32> {
    frame
        .rgb
        .chunks_exact(3)
        .map(|pixel| match *pixel {
            [r, g, b] => 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b),
            _ => 0.0,
        })
        .collect()
}

/// Whether the frames can be compared pixel by pixel.
fn same_size(a: &Frame, b: &Frame) -> bool {
    !a.rgb.is_empty() && (a.width, a.height, a.rgb.len()) == (b.width, b.height, b.rgb.len())
}

#[cfg(test)]
pub(crate) mod testing {
    use bvgdm_core::Frame;

    /// A picture with flat parts, edges and texture, and the same with a mistake in it.
    pub fn pair(width: usize, height: usize) -> (Frame, Frame) {
        let value = |x: usize, y: usize, c: usize| -> u8 {
            let flat = if x * 2 < width { 60 } else { 170 };
            (flat + (x * 7 + y * 13 + c * 31) % 41 + 3 * (y % 5)) as u8
        };
        let mut real = Vec::new();
        let mut wrong = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for c in 0..3 {
                    real.push(value(x, y, c));
                    let shifted = value((x + 1).min(width - 1), y, c);
                    wrong.push(shifted / 2 + value(x, y, c) / 2 + ((x * y) % 9) as u8);
                }
            }
        }
        (
            Frame::new(width, height, real).unwrap(),
            Frame::new(width, height, wrong).unwrap(),
        )
    }
}
