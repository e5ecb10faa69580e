//! One picture.

use crate::error::{CoreError, Result};

/// An RGB picture: 8 bits a channel, sRGB, rows from the top, `width * height * 3` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The bytes, `R G B` a pixel.
    pub rgb: Vec<u8>,
}

impl Frame {
    /// The largest side that a frame may have.
    pub const MAX_SIDE: usize = 4096;

    /// A frame of these bytes.
    ///
    /// # Errors
    /// When a side is 0 or above [`Frame::MAX_SIDE`], or the bytes are not `width * height * 3`.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self> {
        let side = 1..=Self::MAX_SIDE;
        if !side.contains(&width) || !side.contains(&height) {
            return Err(CoreError::invalid(
                "frame.size",
                format!("1 to {} a side", Self::MAX_SIDE),
                format!("{width} x {height}"),
            ));
        }
        if rgb.len() != width * height * 3 {
            return Err(CoreError::invalid(
                "frame.bytes",
                (width * height * 3).to_string(),
                rgb.len(),
            ));
        }
        Ok(Self { width, height, rgb })
    }

    /// A frame from `[3, height, width]` values in [0, 1] (channels first, clamped, rounded).
    pub fn from_chw(width: usize, height: usize, chw: &[f32]) -> Self {
        let area = width * height;
        let rgb = (0..area * 3)
            .map(|i| {
                let value = chw.get((i % 3) * area + i / 3).copied().unwrap_or(0.0);
                (value.clamp(0.0, 1.0) * 255.0).round() as u8
            })
            .collect();
        Self { width, height, rgb }
    }

    /// A frame from `[height, width, 3]` values in [0, 1] (channels last, clamped, rounded).
    pub fn from_hwc(width: usize, height: usize, hwc: &[f32]) -> Self {
        let byte = |&value: &f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        let rgb = hwc.iter().take(width * height * 3).map(byte).collect();
        Self { width, height, rgb }
    }

    /// Appends `[3, height, width]` values in [0, 1] (channels first) to `out`.
    pub fn push_chw(&self, out: &mut Vec<f32>) {
        for channel in 0..3 {
            out.extend(
                self.rgb
                    .iter()
                    .skip(channel)
                    .step_by(3)
                    .map(|&byte| f32::from(byte) / 255.0),
            );
        }
    }

    /// The bytes with an opaque alpha, as textures want them.
    pub fn to_rgba(&self) -> Vec<u8> {
        self.rgb
            .chunks_exact(3)
            .flat_map(|p| [p[0], p[1], p[2], 255])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_first_and_back_is_the_same_frame() {
        let frame = Frame::new(2, 3, (0..18).collect()).unwrap();
        let mut chw = Vec::new();
        frame.push_chw(&mut chw);
        assert_eq!(Frame::from_chw(2, 3, &chw), frame);
        assert_eq!(frame.to_rgba()[..4], [0, 1, 2, 255]);
    }

    #[test]
    fn a_wrong_number_of_bytes_is_refused() {
        assert!(Frame::new(2, 2, vec![0; 11]).is_err());
        assert!(Frame::new(0, 2, vec![]).is_err());
        assert!(Frame::new(usize::MAX, 2, vec![]).is_err());
    }
}
