//! Pictures of another size: the mean of the area that a pixel covers, or a blend of neighbours.

use bvgdm_core::Frame;

/// How a picture of other proportions is brought to a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// All of it is kept, stretched.
    #[default]
    Stretch,
    /// The middle of it, with its proportions kept.
    Crop,
}

/// Brings frames of one size to another.
#[derive(Debug, Clone)]
pub(crate) struct Resizer {
    from: (usize, usize),
    columns: Vec<Taps>,
    rows: Vec<Taps>,
}

/// The source pixels of one target pixel: the first, and the weight of each; they add up to 1.
#[derive(Debug, Clone)]
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Resizer {
    /// Sides are at least 1.
    pub(crate) fn new(from: (usize, usize), to: (usize, usize), fit: Fit) -> Self {
        let (width, height) = (from.0 as f64, from.1 as f64);
        let (kept_width, kept_height) = match fit {
            Fit::Stretch => (width, height),
            Fit::Crop => {
                let proportion = to.0 as f64 / to.1 as f64;
                (
                    width.min(height * proportion),
                    height.min(width / proportion),
                )
            }
        };
        Self {
            from,
            columns: taps(from.0, to.0, kept_width),
            rows: taps(from.1, to.1, kept_height),
        }
    }

    /// The frame at the new size; it must be of the old one.
    pub(crate) fn resize(&self, frame: &Frame) -> Frame {
        let (width, height) = (self.columns.len(), self.rows.len());
        if self.from == (width, height) && (frame.width, frame.height) == self.from {
            return frame.clone();
        }
        let narrow: Vec<f32> = frame
            .rgb
            .chunks_exact(frame.width.max(1) * 3)
            .flat_map(|row| self.columns.iter().flat_map(|taps| taps.pixel(row)))
            .collect();
        let line = width * 3;
        let mut rgb = Vec::with_capacity(line * height);
        for taps in &self.rows {
            let mut sum = vec![0.5_f32; line];
            let rows = narrow.chunks_exact(line).skip(taps.first);
            for (row, weight) in rows.zip(&taps.weights) {
                for (sum, value) in sum.iter_mut().zip(row) {
                    *sum += weight * value;
                }
            }
            // Cut off towards zero, and bounded by the type: rounded by the half above.
            rgb.extend(sum.iter().map(|&value| value as u8));
        }
        Frame { width, height, rgb }
    }
}

impl Taps {
    fn pixel(&self, row: &[u8]) -> [f32; 3] {
        let mut sum = [0.0; 3];
        let pixels = row.as_chunks::<3>().0.iter().skip(self.first);
        for (pixel, weight) in pixels.zip(&self.weights) {
            for (sum, &value) in sum.iter_mut().zip(pixel) {
                *sum += weight * f32::from(value);
            }
        }
        sum
    }
}

/// Maps `to` pixels onto the `kept` ones in the middle of `from`.
fn taps(from: usize, to: usize, kept: f64) -> Vec<Taps> {
    let scale = kept / to as f64;
    let start = (from as f64 - kept) / 2.0;
    // A blend reaches one pixel to either side of the centre, a mean half a target pixel.
    let reach = scale.max(1.0);
    (0..to)
        .map(|i| {
            let centre = start + (i as f64 + 0.5) * scale;
            let weight = |j: usize| {
                let (low, high) = (j as f64, j as f64 + 1.0);
                if scale > 1.0 {
                    let (left, right) = (centre - scale / 2.0, centre + scale / 2.0);
                    (high.min(right) - low.max(left)).max(0.0)
                } else {
                    (1.0 - (low + 0.5 - centre).abs()).max(0.0)
                }
            };
            let first = ((centre - reach).floor().max(0.0) as usize).min(from - 1);
            let last = ((centre + reach).ceil().max(0.0) as usize).clamp(first + 1, from);
            let weights: Vec<f64> = (first..last).map(weight).collect();
            let sum: f64 = weights.iter().sum();
            Taps {
                first,
                weights: weights.iter().map(|w| (w / sum.max(1e-9)) as f32).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: usize, height: usize, values: &[u8]) -> Frame {
        let rgb = values.iter().flat_map(|&v| [v; 3]).collect();
        Frame::new(width, height, rgb).unwrap()
    }

    fn resized(frame: &Frame, to: (usize, usize), fit: Fit) -> Vec<u8> {
        let resized = Resizer::new((frame.width, frame.height), to, fit).resize(frame);
        assert_eq!((resized.width, resized.height), to);
        assert_eq!(resized.rgb.len(), to.0 * to.1 * 3);
        resized.rgb.into_iter().step_by(3).collect()
    }

    #[test]
    fn smaller_pixels_are_means() {
        let frame = gray(4, 2, &[0, 100, 10, 30, 200, 100, 20, 40]);
        assert_eq!(resized(&frame, (2, 1), Fit::Stretch), [100, 25]);
        assert_eq!(
            resized(&frame, (4, 2), Fit::Stretch),
            [0, 100, 10, 30, 200, 100, 20, 40]
        );
        // A pixel and a half each.
        assert_eq!(
            resized(&gray(3, 1, &[0, 90, 240]), (2, 1), Fit::Stretch),
            [30, 190]
        );
    }

    #[test]
    fn larger_pixels_are_blends() {
        assert_eq!(
            resized(&gray(2, 1, &[0, 100]), (4, 1), Fit::Stretch),
            [0, 25, 75, 100]
        );
        assert_eq!(resized(&gray(1, 1, &[7]), (5, 3), Fit::Stretch), [7; 15]);
    }

    #[test]
    fn a_crop_keeps_the_middle() {
        let frame = gray(4, 2, &[1, 2, 3, 4, 1, 2, 3, 4]);
        assert_eq!(resized(&frame, (2, 2), Fit::Crop), [2, 3, 2, 3]);
        assert_eq!(resized(&frame, (1, 1), Fit::Stretch), [3]);
    }
}
