//! Videos that other programs open.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use bvgdm_core::Frame;
use bvgdm_data::{VideoWriter, read_png};

use crate::common::{assert_names, frame, psnr, skip};

const COUNT: usize = 45;

/// Frames of slopes that move: what a film of a game is.
fn write(out: &Path, width: usize, height: usize, fps: f64, scale: u32) -> Vec<Frame> {
    let frames: Vec<_> = (0..COUNT).map(|t| frame(t, width, height)).collect();
    let mut writer = VideoWriter::create(out, width, height, fps, scale).unwrap();
    for frame in &frames {
        writer.push(frame).unwrap();
    }
    assert_eq!(writer.len(), COUNT);
    writer.finish().unwrap();
    frames
}

/// What `ffprobe` says of the first video stream, or nothing where there is no `ffprobe`.
pub fn probe(file: &Path) -> Option<HashMap<String, String>> {
    let entries = "stream=codec_name,width,height,r_frame_rate,nb_frames,nb_read_frames";
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-count_frames",
            "-of",
            "default=noprint_wrappers=1",
        ])
        .args(["-show_entries", entries])
        .arg(file)
        .output();
    let Ok(output) = output else {
        skip(&format!(
            "there is no ffprobe to open {} with",
            file.display()
        ));
        return None;
    };
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "{complaints}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let pair = |line: &str| {
        line.split_once('=')
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
    };
    Some(text.lines().filter_map(pair).collect())
}

#[test]
fn an_mp4_has_the_size_the_rate_and_every_frame() {
    let root = tempfile::tempdir().unwrap();
    for (size, fps, scale, expected) in [
        ((112, 64), 20.0, 8, ["896", "512", "20/1"]),
        ((21, 19), 29.97, 1, ["22", "20", "2997/100"]),
    ] {
        let out = root.path().join("play.MP4");
        write(&out, size.0, size.1, fps, scale);
        let Some(found) = probe(&out) else {
            return;
        };
        let [width, height, rate] = expected;
        assert_eq!(found["codec_name"], "h264");
        assert_eq!([&found["width"], &found["height"]], [width, height]);
        assert_eq!(found["r_frame_rate"], rate);
        assert_eq!(found["nb_frames"], COUNT.to_string());
        assert_eq!(found["nb_read_frames"], COUNT.to_string());
    }
}

#[test]
fn the_colours_of_an_mp4_are_those_of_the_frames() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("play.mp4");
    let frames = write(&out, 112, 64, 20.0, 2);
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&out)
        .args([
            "-vf",
            "scale=112:64:flags=area",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-",
        ])
        .output();
    let Ok(output) = output else {
        skip("there is no ffmpeg to decode with");
        return;
    };
    let given: Vec<u8> = frames.iter().flat_map(|f| f.rgb.iter().copied()).collect();
    let psnr = psnr(&given, &output.stdout);
    assert!(psnr > 32.0, "{psnr:.1} dB");
}

#[test]
fn a_gif_has_every_frame_its_time_and_its_colours() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("play.gif");
    let frames = write(&out, 112, 64, 30.0, 3);
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(File::open(&out).unwrap()).unwrap();
    let (mut count, mut hundredths) = (0, 0);
    while let Some(image) = decoder.read_next_frame().unwrap() {
        assert_eq!((image.width, image.height), (336, 192));
        hundredths += u32::from(image.delay);
        // The middle of every square.
        let pixel = |i: usize| ((i / 112 * 3 + 1) * 336 + i % 112 * 3 + 1) * 4;
        let shown: Vec<u8> = (0..112 * 64)
            .flat_map(|i| image.buffer[pixel(i)..][..3].to_vec())
            .collect();
        let psnr = psnr(&frames[count].rgb, &shown);
        assert!(psnr > 32.0, "frame {count}: {psnr:.1} dB");
        count += 1;
    }
    assert_eq!((count, hundredths), (COUNT, 150));
}

#[test]
fn a_gif_of_more_frames_than_a_browser_shows_keeps_its_duration() {
    let root = tempfile::tempdir().unwrap();
    for (fps, hundredths) in [(60.0, 75), (100.0, 45), (144.0, 31)] {
        let out = root.path().join("fast.gif");
        write(&out, 16, 16, fps, 1);
        let mut decoder = gif::Decoder::new(File::open(&out).unwrap()).unwrap();
        let mut delays = Vec::new();
        while let Some(image) = decoder.read_next_frame().unwrap() {
            delays.push(image.delay);
        }
        let all: u16 = delays.iter().sum();
        assert!(all.abs_diff(hundredths) < 2, "{fps}: {all}");
        assert!(delays.iter().all(|&delay| delay >= 2), "{fps}: {delays:?}");
    }
}

#[test]
fn a_folder_gets_one_exact_picture_a_frame() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("pictures");
    let frames = write(&out, 5, 4, 20.0, 1);
    for (t, frame) in frames.iter().enumerate() {
        assert_eq!(read_png(&out.join(format!("{t:06}.png"))).unwrap(), *frame);
    }
    let again = VideoWriter::create(&out, 5, 4, 20.0, 1);
    assert_names(again, &["pictures", "folder", "empty"]);
}

#[test]
fn an_unfinished_video_is_not_under_its_name() {
    let root = tempfile::tempdir().unwrap();
    for name in ["play.mp4", "play.gif"] {
        let out = root.path().join(name);
        fs::write(&out, "the one before").unwrap();
        let mut writer = VideoWriter::create(&out, 32, 20, 20.0, 1).unwrap();
        writer.push(&frame(0, 32, 20)).unwrap();
        drop(writer);
        assert_eq!(fs::read(&out).unwrap(), b"the one before");
    }
}

#[test]
fn what_cannot_be_written_is_refused_at_the_start() {
    let root = tempfile::tempdir().unwrap();
    let create = |name: &str, width, height, fps, scale| {
        VideoWriter::create(&root.path().join(name), width, height, fps, scale)
    };
    assert_names(
        create("play.avi", 8, 8, 20.0, 1),
        &["play.avi", "extension", ".mp4"],
    );
    assert_names(create("play.gif", 0, 8, 20.0, 1), &["size"]);
    assert_names(create("play.gif", 8, 8, 20.0, 0), &["size"]);
    assert_names(create("play.gif", 8, 8, 20.0, u32::MAX), &["size"]);
    assert_names(create("play.mp4", 4000, 400, 20.0, 1), &["size", "3840"]);
    assert_names(create("play.mp4", 64, 64, f64::NAN, 1), &["fps"]);
    assert_names(create("missing/play.mp4", 64, 64, 20.0, 1), &["play.mp4"]);
    let mut writer = create("play.gif", 8, 8, 20.0, 1).unwrap();
    assert_names(writer.push(&frame(0, 4, 4)), &["8 x 8", "4 x 4"]);
    assert_names(writer.finish(), &["frames", "at least one"]);
}
