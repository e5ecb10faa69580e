//! VP9 in a WebM, encoded by an installed `ffmpeg`.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use bvgdm_core::Frame;

use super::scale::{enlarge, make_even};
use super::{Sink, Target};
use crate::error::{DataError, Result};
use crate::ffmpeg::{Ffmpeg, Running, local};
use crate::files::temporary;

/// Constant quality, 0 (best) to 63.
const QUALITY: &str = "18";

pub(super) struct Webm {
    running: Running,
    temporary: PathBuf,
    out: PathBuf,
    scale: usize,
}

impl Webm {
    pub(super) fn create(target: &Target) -> Result<Self> {
        let ffmpeg = Ffmpeg::find(target.out, "to encode VP9")?;
        let even = |side: usize| (side * target.scale).next_multiple_of(2);
        let size = format!("{}x{}", even(target.width), even(target.height));
        let rate = target.fps.to_string();
        let temporary = temporary(target.out);
        let mut command = ffmpeg.ffmpeg();
        command
            .args(["-y", "-f", "rawvideo", "-pix_fmt", "rgb24"])
            .args(["-video_size", &size, "-framerate", &rate, "-i", "-"])
            .args(["-c:v", "libvpx-vp9", "-crf", QUALITY, "-b:v", "0"])
            .args(["-deadline", "good", "-cpu-used", "4", "-pix_fmt", "yuv420p"])
            .args(ffmpeg.every_frame_once)
            .args(["-f", "webm"])
            .arg(local(&temporary))
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        Ok(Self {
            running: Running::start(command, target.out)?,
            temporary,
            out: target.out.to_owned(),
            scale: target.scale,
        })
    }
}

impl Sink for Webm {
    fn push(&mut self, frame: &Frame) -> Result<()> {
        let large = enlarge::<3>(&frame.rgb, frame.width, self.scale);
        let (width, height) = (frame.width * self.scale, frame.height * self.scale);
        let (rgb, ..) = make_even(large, width, height);
        let pipe = self.running.child.stdin.as_mut();
        let written = pipe.map(|pipe| pipe.write_all(&rgb));
        match written {
            Some(Ok(())) => Ok(()),
            // It has ended before its time, and has said why.
            _ => {
                self.running.finish(&self.out)?;
                Err(DataError::video(&self.out, "ffmpeg takes no more frames"))
            }
        }
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.running.finish(&self.out)?;
        fs::rename(&self.temporary, &self.out).map_err(|e| DataError::io(&self.out, e))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_an_encoder_says_when_it_ends_before_its_time_is_told() {
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo Unknown encoder libvpx-vp9 >&2; exit 1"])
            .stdin(Stdio::piped());
        let out = PathBuf::from("play.webm");
        let mut webm = Webm {
            running: Running::start(command, &out).unwrap(),
            temporary: temporary(&out),
            out,
            scale: 1,
        };
        let frame = Frame::new(64, 64, vec![0; 64 * 64 * 3]).unwrap();
        // The pipe takes some frames that nobody reads.
        let error = (0..1000).find_map(|_| webm.push(&frame).err()).unwrap();
        let text = error.to_string();
        assert!(
            text.contains("play.webm") && text.contains("Unknown encoder"),
            "{text}"
        );
    }
}
