//! From luma and chroma to red, green and blue.

use bvgdm_core::Frame;
use openh264::decoder::DecodedYUV;
use openh264::formats::YUVSource as _;

/// How a video's numbers are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colours {
    /// Luma from 0 to 255 instead of 16 to 235.
    pub full_range: bool,
    /// BT.709 instead of BT.601.
    pub bt709: bool,
}

/// Fractions of 65,536.
struct Factors {
    luma: i32,
    black: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl Colours {
    fn factors(self) -> Factors {
        // Rec. ITU-R BT.601 and BT.709: the shares of red and blue in luma.
        let (red, blue) = if self.bt709 {
            (0.2126, 0.0722)
        } else {
            (0.299, 0.114)
        };
        let green = 1.0 - red - blue;
        let (luma, chroma, black) = match self.full_range {
            true => (1.0, 1.0, 0),
            false => (255.0 / 219.0, 255.0 / 224.0, 16),
        };
        let fixed = |value: f64| (value * 65_536.0).round() as i32;
        let (red_v, blue_u) = (2.0 * (1.0 - red) * chroma, 2.0 * (1.0 - blue) * chroma);
        Factors {
            luma: fixed(luma),
            black,
            red_v: fixed(red_v),
            green_u: fixed(-blue_u * blue / green),
            green_v: fixed(-red_v * red / green),
            blue_u: fixed(blue_u),
        }
    }
}

/// The picture with every chroma sample standing for its four pixels; nothing where the decoder's
/// planes are smaller than it says.
pub(super) fn to_frame(picture: &DecodedYUV<'_>, colours: Colours) -> Option<Frame> {
    let (width, height) = picture.dimensions();
    let (y_stride, u_stride, v_stride) = picture.strides();
    let factors = colours.factors();
    let chroma = width.div_ceil(2);
    let mut rgb = Vec::with_capacity(width.checked_mul(height)?.checked_mul(3)?);
    for row in 0..height {
        let start = row * y_stride;
        let luma = picture.y().get(start..start + width)?;
        let (start_u, start_v) = (row / 2 * u_stride, row / 2 * v_stride);
        let u = picture.u().get(start_u..start_u + chroma)?;
        let v = picture.v().get(start_v..start_v + chroma)?;
        for (pair, (&u, &v)) in luma.chunks(2).zip(u.iter().zip(v)) {
            for &y in pair {
                rgb.extend_from_slice(&pixel(y, u, v, &factors));
            }
        }
    }
    Frame::new(width, height, rgb).ok()
}

fn pixel(y: u8, u: u8, v: u8, f: &Factors) -> [u8; 3] {
    // Half of one is added: rounded, not cut off.
    let y = (i32::from(y) - f.black) * f.luma + 32_768;
    let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
    [
        y + f.red_v * v,
        y + f.green_u * u + f.green_v * v,
        y + f.blue_u * u,
    ]
    .map(|value| (value >> 16).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_white_and_red_are_what_the_standards_say() {
        let video = Colours {
            full_range: false,
            bt709: false,
        };
        let full = Colours {
            full_range: true,
            bt709: false,
        };
        let hd = Colours {
            full_range: false,
            bt709: true,
        };
        assert_eq!(pixel(16, 128, 128, &video.factors()), [0; 3]);
        assert_eq!(pixel(235, 128, 128, &video.factors()), [255; 3]);
        assert_eq!(pixel(255, 128, 128, &full.factors()), [255; 3]);
        // 100 % red: BT.601 has Y' 81, Cb 90, Cr 240; BT.709 has 63, 102, 240.
        for (colours, [y, u, v]) in [(video, [81, 90, 240]), (hd, [63, 102, 240])] {
            let [r, g, b] = pixel(y, u, v, &colours.factors());
            assert!(r >= 253 && g <= 2 && b <= 2, "{r} {g} {b}");
        }
    }
}
