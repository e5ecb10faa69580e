//! Any other video: decoded by an installed `ffmpeg`, which hands every frame over a pipe.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Stdio};

use bvgdm_core::Frame;

use super::{Container, Frames, MAX_FRAMES, VideoInfo};
use crate::error::{DataError, Result};
use crate::ffmpeg::{Ffmpeg, Running, input, local};

/// What `ffmpeg` may allocate in one piece.
const MAX_ALLOC: &str = "536870912";
/// Colours as the built-in decoder makes them, but for the last bit.
const EXACT_COLOURS: &str = "neighbor+accurate_rnd+full_chroma_int";
/// A line of `ffprobe`, and the header of a picture.
const MAX_LINE_BYTES: u64 = 256;

pub(super) struct Piped {
    path: PathBuf,
    /// Nothing when it has ended.
    running: Option<Running>,
    pipe: BufReader<ChildStdout>,
    /// Read ahead, to know its size.
    first: Option<Frame>,
    read: usize,
    count: usize,
}

impl Piped {
    /// # Errors
    /// [`DataError::MissingProgram`] without `ffmpeg`, [`DataError::Video`] with what it says
    /// against the file.
    pub(super) fn open(path: &Path, container: Container) -> Result<(Self, VideoInfo)> {
        let ffmpeg = Ffmpeg::find(path, "to decode it")?;
        let demuxer = container.demuxer();
        let mut times = times(&ffmpeg, demuxer, path)?;
        let rate = rate(&ffmpeg, demuxer, path)?;
        times.sort_unstable_by(f64::total_cmp);
        let first = times.first().copied().unwrap_or_default();
        times.iter_mut().for_each(|time| *time -= first);
        let fps = rate.or_else(|| mean_rate(&times)).unwrap_or(1.0);

        let mut command = ffmpeg.ffmpeg();
        command
            .args(["-max_alloc", MAX_ALLOC])
            .args(input(demuxer, path))
            .args(["-map", "0:v:0"])
            .args(ffmpeg.every_frame_once)
            .args(["-sws_flags", EXACT_COLOURS])
            .args(["-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut running = Running::start(command, path)?;
        let Some(pipe) = running.child.stdout.take() else {
            return Err(DataError::video(path, "ffmpeg has no output"));
        };
        let mut piped = Self {
            path: path.to_owned(),
            running: Some(running),
            pipe: BufReader::new(pipe),
            first: None,
            read: 0,
            count: times.len(),
        };
        let Some(frame) = piped.picture()? else {
            piped.end()?;
            return Err(DataError::invalid(path, "frames", "at least one", 0));
        };
        let info = VideoInfo {
            width: frame.width,
            height: frame.height,
            fps,
            times,
        };
        piped.first = Some(frame);
        Ok((piped, info))
    }

    /// The next picture of the pipe: a header of three words and a number, then the pixels.
    fn picture(&mut self) -> Result<Option<Frame>> {
        let io = |e| DataError::io(&self.path, e);
        let mut header = [const { String::new() }; 3];
        for line in &mut header {
            (&mut self.pipe)
                .take(MAX_LINE_BYTES)
                .read_line(line)
                .map_err(io)?;
        }
        let [magic, size, depth] = header.each_ref().map(|line| line.trim_end());
        if magic.is_empty() {
            return Ok(None);
        }
        let sides = size
            .split_once(' ')
            .and_then(|(w, h)| w.parse().ok().zip(h.parse().ok()));
        let (Some((width, height)), "P6", "255") = (sides, magic, depth) else {
            return Err(DataError::video(
                &self.path,
                "ffmpeg sent no picture of 8 bits",
            ));
        };
        let side = 1..=Frame::MAX_SIDE;
        if !side.contains(&width) || !side.contains(&height) {
            let expected = format!("1 to {} a side", Frame::MAX_SIDE);
            let found = format!("{width} x {height}");
            return Err(DataError::invalid(&self.path, "size", expected, found));
        }
        let mut rgb = vec![0; width * height * 3];
        if let Err(error) = self.pipe.read_exact(&mut rgb) {
            if error.kind() == ErrorKind::UnexpectedEof {
                // It has ended in the middle of a picture, and has said why.
                self.end()?;
            }
            return Err(DataError::io(&self.path, error));
        }
        self.read += 1;
        Frame::new(width, height, rgb)
            .map(Some)
            .map_err(|e| DataError::from_core(e, &self.path, ""))
    }

    /// Waits for the program's verdict, and counts.
    fn end(&mut self) -> Result<()> {
        let Some(mut running) = self.running.take() else {
            return Ok(());
        };
        running.finish(&self.path)?;
        if self.read != self.count {
            let expected = format!("{}, as the index says", self.count);
            return Err(DataError::invalid(
                &self.path, "frames", expected, self.read,
            ));
        }
        Ok(())
    }
}

impl Frames for Piped {
    fn next(&mut self) -> Result<Option<Frame>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        if self.running.is_none() {
            return Ok(None);
        }
        let frame = self.picture()?;
        if frame.is_none() {
            self.end()?;
        }
        Ok(frame)
    }
}

/// The times of all frames that are shown, in seconds.
fn times(ffmpeg: &Ffmpeg, demuxer: &str, path: &Path) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    probe(ffmpeg, demuxer, path, "packet=pts_time,flags", |line| {
        let (time, flags) = line.split_once(',').unwrap_or((line, ""));
        // Packets marked so are decoded and not shown.
        if flags.contains('D') {
            return Ok(());
        }
        if times.len() >= MAX_FRAMES {
            let expected = format!("at most {MAX_FRAMES}");
            return Err(DataError::invalid(path, "frames", expected, "more"));
        }
        match time.parse::<f64>() {
            Ok(time) if time.is_finite() => times.push(time),
            _ => {
                let field = format!("frame {}: time", times.len());
                return Err(DataError::invalid(path, field, "a number of seconds", time));
            }
        }
        Ok(())
    })?;
    Ok(times)
}

/// The frame rate that the container states.
fn rate(ffmpeg: &Ffmpeg, demuxer: &str, path: &Path) -> Result<Option<f64>> {
    let mut rate = None;
    probe(ffmpeg, demuxer, path, "stream=avg_frame_rate", |line| {
        let fraction = line.split_once('/');
        let fraction = fraction.and_then(|(a, b)| a.parse::<f64>().ok().zip(b.parse::<f64>().ok()));
        rate = fraction
            .map(|(a, b)| a / b)
            .filter(|rate| rate.is_finite() && *rate > 0.0);
        Ok(())
    })?;
    Ok(rate)
}

/// Asks for `entries` of the first video track and hands over line by line.
fn probe(
    ffmpeg: &Ffmpeg,
    demuxer: &str,
    path: &Path,
    entries: &str,
    mut line: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut command = ffmpeg.ffprobe();
    command
        .args(["-protocol_whitelist", "file,pipe", "-f", demuxer])
        .args(["-select_streams", "v:0", "-show_entries", entries])
        .args(["-of", "csv=print_section=0"])
        .arg(local(path))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut running = Running::start(command, path)?;
    if let Some(pipe) = running.child.stdout.take() {
        let mut pipe = BufReader::new(pipe);
        let mut text = String::new();
        loop {
            text.clear();
            let read = (&mut pipe).take(MAX_LINE_BYTES).read_line(&mut text);
            if read.map_err(|e| DataError::io(path, e))? == 0 {
                break;
            }
            let text = text.trim_end().trim_end_matches(',');
            if !text.is_empty() {
                line(text)?;
            }
        }
    }
    running.finish(path)
}

fn mean_rate(times: &[f64]) -> Option<f64> {
    let rate = (times.len().checked_sub(1)? as f64) / times.last()?;
    (rate.is_finite() && rate > 0.0).then_some(rate)
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_a_decoder_says_when_it_ends_within_a_picture_is_told() {
        let path = PathBuf::from("clip.webm");
        let mut command = Command::new("sh");
        let script = r"printf 'P6\n4 4\n255\nabc'; echo Invalid data found >&2; exit 1";
        command.args(["-c", script]).stdout(Stdio::piped());
        let mut running = Running::start(command, &path).unwrap();
        let pipe = running.child.stdout.take().unwrap();
        let mut piped = Piped {
            path,
            running: Some(running),
            pipe: BufReader::new(pipe),
            first: None,
            read: 0,
            count: 1,
        };
        let text = piped.next().unwrap_err().to_string();
        assert!(
            text.contains("clip.webm") && text.contains("Invalid data"),
            "{text}"
        );
    }
}
