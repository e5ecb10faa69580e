//! An animated GIF, a palette of 256 colours a frame.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;

use bvgdm_core::Frame;

use super::scale::enlarge;
use super::{Sink, Target};
use crate::error::{DataError, Result};
use crate::files::temporary;

/// How coarsely the quantizer samples the pixels, 1 (all) to 30. The frames are small, so all.
const SAMPLING: i32 = 1;
/// In hundredths of a second; browsers show what is shorter far slower.
const MIN_DELAY: u16 = 2;

pub(super) struct Gif {
    encoder: gif::Encoder<BufWriter<File>>,
    temporary: PathBuf,
    out: PathBuf,
    fps: f64,
    scale: usize,
    frames: u64,
    /// Hundredths of a second until now, so that rounding does not add up.
    elapsed: u64,
}

impl Gif {
    pub(super) fn create(target: &Target) -> Result<Self> {
        let temporary = temporary(target.out);
        let video = |e| DataError::video(target.out, e);
        let file = File::create(&temporary).map_err(|e| DataError::io(&temporary, e))?;
        // At most 4096 a side, which the writer has checked.
        let side = |side: usize| (side * target.scale) as u16;
        let (width, height) = (side(target.width), side(target.height));
        let mut encoder =
            gif::Encoder::new(BufWriter::new(file), width, height, &[]).map_err(video)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(video)?;
        Ok(Self {
            encoder,
            temporary,
            out: target.out.to_owned(),
            fps: target.fps,
            scale: target.scale,
            frames: 0,
            elapsed: 0,
        })
    }

    /// How long the next frame stays; nothing for one that would be gone too soon to be seen, and is left
    /// out: above 50 frames a second.
    fn next_delay(&mut self) -> Option<u16> {
        self.frames += 1;
        let end = (self.frames as f64 * 100.0 / self.fps).round() as u64;
        let delay = u16::try_from(end.saturating_sub(self.elapsed)).unwrap_or(u16::MAX);
        if delay < MIN_DELAY && self.frames > 1 {
            return None;
        }
        let delay = delay.max(MIN_DELAY);
        self.elapsed += u64::from(delay);
        Some(delay)
    }
}

impl Sink for Gif {
    fn push(&mut self, frame: &Frame) -> Result<()> {
        let Some(delay) = self.next_delay() else {
            return Ok(());
        };
        // Quantized at its own size: `scale * scale` times less work, and the same picture.
        let (width, height) = (frame.width as u16, frame.height as u16);
        let mut image = gif::Frame::from_rgb_speed(width, height, &frame.rgb, SAMPLING);
        image.delay = delay;
        image.buffer = enlarge::<1>(&image.buffer, frame.width, self.scale).into();
        image.width = (frame.width * self.scale) as u16;
        image.height = (frame.height * self.scale) as u16;
        self.encoder
            .write_frame(&image)
            .map_err(|e| DataError::video(&self.out, e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let file = self
            .encoder
            .into_inner()
            .map_err(|e| DataError::video(&self.out, e))?;
        file.into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|_| fs::rename(&self.temporary, &self.out))
            .map_err(|e| DataError::io(&self.out, e))
    }
}
