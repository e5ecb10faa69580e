//! How sharp a frame is.

use bvgdm_core::Frame;

use super::luma;

/// Mean over all pixels of the squared luma difference to the right and lower neighbour, luma in
/// [0, 1]. Blur lowers it, noise and speckles raise it; 0 for a flat frame.
pub fn gradient_energy(frame: &Frame) -> f64 {
    let luma = luma(frame);
    let right = luma
        .chunks_exact(frame.width.max(1))
        .flat_map(|row| row.windows(2));
    let across: f64 = right
        .map(|pair| match *pair {
            [a, b] => f64::from(b - a).powi(2),
            _ => 0.0,
        })
        .sum();
    let below = luma.iter().zip(luma.iter().skip(frame.width));
    let down: f64 = below.map(|(a, b)| f64::from(b - a).powi(2)).sum();
    (across + down) / (luma.len().max(1) as f64 * 255.0 * 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(grey: &[u8], width: usize) -> Frame {
        let rgb = grey.iter().flat_map(|&value| [value; 3]).collect();
        Frame::new(width, grey.len() / width, rgb).unwrap()
    }

    #[test]
    fn known_values() {
        assert_eq!(gradient_energy(&frame(&[9; 6], 3)), 0.0);
        // Two differences of 1 and two of 0 over four pixels.
        let half = gradient_energy(&frame(&[0, 255, 0, 255], 2));
        assert!((half - 0.5).abs() < 1e-6, "{half}");
    }

    #[test]
    fn blur_lowers_it() {
        let sharp = gradient_energy(&frame(&[0, 0, 0, 200, 200, 200], 6));
        let soft = gradient_energy(&frame(&[0, 40, 80, 120, 160, 200], 6));
        assert!(soft < sharp * 0.3, "{soft} {sharp}");
    }
}
