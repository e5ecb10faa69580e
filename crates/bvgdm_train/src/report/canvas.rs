//! A picture to draw on.

use bvgdm_core::Frame;

use super::font;

/// Red, green, blue.
pub(super) type Color = [u8; 3];

/// A frame with points, lines and letters; what lies outside is not drawn.
pub(super) struct Canvas {
    frame: Frame,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize, color: Color) -> Self {
        let rgb = color.repeat(width * height);
        Self {
            frame: Frame { width, height, rgb },
        }
    }

    pub(super) fn finish(self) -> Frame {
        self.frame
    }

    pub(super) fn point(&mut self, x: i64, y: i64, color: Color) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x >= self.frame.width {
            return;
        }
        let at = 3 * (y * self.frame.width + x);
        if let Some(pixel) = self.frame.rgb.get_mut(at..at + 3) {
            pixel.copy_from_slice(&color);
        }
    }

    /// A line of `thickness` pixels (1 or 2).
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), thickness: i64, color: Color) {
        let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
        let steps = length.ceil().clamp(1.0, 10_000.0) as usize;
        for i in 0..=steps {
            let share = i as f64 / steps as f64;
            let x = (from.0 + (to.0 - from.0) * share).round() as i64;
            let y = (from.1 + (to.1 - from.1) * share).round() as i64;
            for (dx, dy) in (0..thickness).flat_map(|dx| (0..thickness).map(move |dy| (dx, dy))) {
                self.point(x + dx, y + dy, color);
            }
        }
    }

    /// Text whose upper left corner is at `(x, y)`.
    pub(super) fn text(&mut self, x: i64, y: i64, text: &str, color: Color) {
        for (i, letter) in text.chars().enumerate() {
            for (dx, column) in font::columns(letter).into_iter().enumerate() {
                for dy in (0..font::HEIGHT).filter(|dy| column >> dy & 1 == 1) {
                    let left = x + (i * font::ADVANCE + dx) as i64;
                    self.point(left, y + dy as i64, color);
                }
            }
        }
    }

    /// Pixels that a text is wide.
    pub(super) fn text_width(text: &str) -> i64 {
        (text.chars().count() * font::ADVANCE) as i64
    }

    /// A frame, `scale` times as large, with its upper left corner at `(x, y)`.
    pub(super) fn picture(&mut self, x: usize, y: usize, frame: &Frame, scale: usize) {
        for (row, line) in frame.rgb.chunks_exact(3 * frame.width.max(1)).enumerate() {
            let wide: Vec<u8> = line.chunks_exact(3).flat_map(|p| p.repeat(scale)).collect();
            for copy in 0..scale {
                let top = y + row * scale + copy;
                let at = 3 * (top * self.frame.width + x);
                if let Some(target) = self.frame.rgb.get_mut(at..at + wide.len()) {
                    target.copy_from_slice(&wide);
                }
            }
        }
    }
}
