//! Frame i of a clip is the i-th that is read, from every decoder.

use std::path::{Path, PathBuf};
use std::process::Command;

use bvgdm_core::Frame;
use bvgdm_data::video::{VideoDecoder, VideoReader};
use bvgdm_data::{DataError, VideoWriter};

use crate::common::{assert_names, frame, psnr, skip};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/recording")
        .join(name)
}

/// Whether what needs `ffmpeg` can be tested here.
pub fn has_ffmpeg() -> bool {
    let there = Command::new("ffmpeg").arg("-version").output().is_ok();
    if !there {
        skip("there is no ffmpeg");
    }
    there
}

/// Runs `ffmpeg`; false where it lacks something.
fn ffmpeg(arguments: &[&str], out: &Path) -> bool {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(arguments)
        .arg(out)
        .status();
    status.is_ok_and(|status| status.success())
}

fn read_all(path: &Path, decoder: VideoDecoder) -> Vec<Frame> {
    let mut reader = VideoReader::open(path, decoder).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push(frame);
    }
    assert_eq!(frames.len(), reader.info().times.len());
    assert_eq!(reader.uses_ffmpeg(), decoder == VideoDecoder::Ffmpeg);
    frames
}

/// Every frame of `a` is the one of `b`, and no neighbour of it.
fn assert_same(a: &[Frame], b: &[Frame], least: f64) {
    assert_eq!(a.len(), b.len());
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        let same = psnr(&x.rgb, &y.rgb);
        assert!(same > least, "frame {i}: {same:.1} dB");
        for j in [i.wrapping_sub(1), i + 1] {
            if let Some(other) = b.get(j) {
                assert!(
                    psnr(&x.rgb, &other.rgb) <= same,
                    "frame {i} is like frame {j}"
                );
            }
        }
    }
}

#[test]
fn both_decoders_give_every_frame_in_the_order_of_showing() {
    let clip = fixture("maze.mp4");
    let native = read_all(&clip, VideoDecoder::Native);
    assert_eq!(native.len(), 60);
    assert!(native.iter().all(|f| (f.width, f.height) == (160, 120)));
    let info = VideoReader::open(&clip, VideoDecoder::Auto).unwrap();
    assert_eq!((info.info().fps, info.info().times[35]), (17.5, 2.0));
    assert!(!info.uses_ffmpeg());
    if has_ffmpeg() {
        assert_same(&native, &read_all(&clip, VideoDecoder::Ffmpeg), 60.0);
    }
}

/// Other encoders' orders: pyramids, open groups, many key frames, none but the first.
#[test]
fn the_order_of_decoding_does_not_matter() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("clip.mp4");
    let source = fixture("maze.mp4");
    for options in [
        "keyint=12:bframes=3:b-pyramid=strict",
        "keyint=20:bframes=7:b-pyramid=normal:open-gop=1:ref=6",
        "keyint=9999:bframes=16:b-adapt=0:b-pyramid=normal:ref=16",
        "keyint=1",
        "bframes=0:cabac=0:8x8dct=0",
        "keyint=30:bframes=3:8x8dct=0",
        "keyint=15:slices=4:weightp=2:direct=temporal",
    ] {
        let arguments = ["-i", source.to_str().unwrap(), "-c:v", "libx264"];
        let profile = if options.contains("8x8dct=0") {
            "main"
        } else {
            "high"
        };
        let arguments = [
            &arguments[..],
            &["-profile:v", profile, "-x264-params", options],
        ]
        .concat();
        if !ffmpeg(&arguments, &out) {
            skip("there is no ffmpeg with x264");
            return;
        }
        let native = read_all(&out, VideoDecoder::Native);
        // OpenH264 rounds a few blocks of such streams in another way.
        assert_same(&native, &read_all(&out, VideoDecoder::Ffmpeg), 50.0);
    }
}

#[test]
fn colours_and_ranges_are_those_that_the_stream_states() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("clip.mp4");
    let source = fixture("maze.mp4");
    for (filter, colours) in [
        (
            "scale=out_color_matrix=bt709",
            ["-colorspace", "bt709", "-color_range", "tv"],
        ),
        (
            "scale=out_range=full",
            ["-colorspace", "smpte170m", "-color_range", "pc"],
        ),
    ] {
        let arguments = [
            "-i",
            source.to_str().unwrap(),
            "-vf",
            filter,
            "-c:v",
            "libx264",
        ];
        let arguments = [&arguments[..], &["-pix_fmt", "yuv420p"], &colours].concat();
        if !ffmpeg(&arguments, &out) {
            skip("there is no ffmpeg with x264");
            return;
        }
        let native = read_all(&out, VideoDecoder::Native);
        assert_same(&native, &read_all(&source, VideoDecoder::Native), 30.0);
        assert_same(&native, &read_all(&out, VideoDecoder::Ffmpeg), 60.0);
    }
}

#[test]
fn an_mp4_of_ours_reads_back() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("clip.mp4");
    // Every frame is told from its neighbours by a light that moves.
    let lit = |t: usize| {
        let mut frame = frame(t, 64, 48);
        let at = (t * 64 + 64) * 3;
        frame.rgb[at..at + 64 * 3 * 2].fill(255);
        frame
    };
    let frames: Vec<_> = (0..45).map(lit).collect();
    let mut writer = VideoWriter::create(&out, 64, 48, 29.97, 1).unwrap();
    frames.iter().for_each(|frame| writer.push(frame).unwrap());
    writer.finish().unwrap();
    assert_same(&read_all(&out, VideoDecoder::Native), &frames, 25.0);
    let fps = VideoReader::open(&out, VideoDecoder::Native)
        .unwrap()
        .info()
        .fps;
    assert!((fps - 29.97).abs() < 1e-9, "{fps}");
}

#[test]
fn what_is_not_plain_h264_is_left_to_ffmpeg() {
    let root = tempfile::tempdir().unwrap();
    let webm = fixture("maze_vp9.webm");
    assert_names(
        VideoReader::open(&webm, VideoDecoder::Native),
        &["maze_vp9.webm", "no MP4"],
    );
    if !has_ffmpeg() {
        let missing = VideoReader::open(&webm, VideoDecoder::Auto);
        assert!(
            matches!(missing, Err(DataError::MissingProgram { .. })),
            "{missing:?}"
        );
        return;
    }
    let frames = read_all(&webm, VideoDecoder::Ffmpeg);
    assert_eq!(frames.len(), 30);
    let fps = VideoReader::open(&webm, VideoDecoder::Auto)
        .unwrap()
        .info()
        .fps;
    assert!((fps - 17.5).abs() < 0.01, "{fps}");

    let source = fixture("maze.mp4");
    let source = source.to_str().unwrap();
    let x264 = |more: &[&'static str]| [&["-i", source, "-c:v", "libx264"], more].concat();
    for (name, arguments, reason) in [
        (
            "fragments.mp4",
            x264(&["-movflags", "frag_keyframe+empty_moov"]),
            "fragments",
        ),
        ("colour.mp4", x264(&["-pix_fmt", "yuv444p"]), "4:2:0"),
        (
            "interlaced.mp4",
            x264(&["-flags", "+ilme+ildct", "-x264-params", "interlaced=1"]),
            "whole frames",
        ),
        (
            "other.mp4",
            vec!["-i", source, "-c:v", "mpeg4"],
            "not H.264",
        ),
        // Starts within a group: the pictures before the cut are decoded and hidden.
        (
            "cut.mp4",
            vec!["-ss", "1.2", "-i", source, "-c", "copy"],
            "edit list",
        ),
    ] {
        let out = root.path().join(name);
        if !ffmpeg(&arguments, &out) {
            skip(&format!("this ffmpeg cannot make {name}"));
            continue;
        }
        assert_names(
            VideoReader::open(&out, VideoDecoder::Native),
            &[name, reason],
        );
        let mut reader = VideoReader::open(&out, VideoDecoder::Auto).unwrap();
        assert!(reader.uses_ffmpeg());
        let mut count = 0;
        while reader.next_frame().unwrap().is_some() {
            count += 1;
        }
        let shown = if name == "cut.mp4" { 39 } else { 60 };
        assert_eq!(count, shown, "{name}");
    }
}

#[test]
fn odd_sizes_stay_odd() {
    let root = tempfile::tempdir().unwrap();
    let (source, odd) = (fixture("maze.mp4"), root.path().join("odd.webm"));
    let source = source.to_str().unwrap();
    let arguments = ["-i", source, "-vf", "scale=63:47", "-c:v", "libvpx-vp9"];
    if !ffmpeg(&arguments, &odd) {
        skip("there is no ffmpeg, or it cannot make a WebM");
        return;
    }
    let frames = read_all(&odd, VideoDecoder::Ffmpeg);
    assert_eq!(frames.len(), 60);
    assert!(frames.iter().all(|f| (f.width, f.height) == (63, 47)));
}

#[test]
fn the_content_decides_not_the_name() {
    let root = tempfile::tempdir().unwrap();
    let lie = root.path().join("clip.webm");
    std::fs::copy(fixture("maze.mp4"), &lie).unwrap();
    assert_eq!(read_all(&lie, VideoDecoder::Native).len(), 60);
    let text = root.path().join("clip.mp4");
    std::fs::write(&text, "{\"no\": \"video\"}").unwrap();
    for decoder in [
        VideoDecoder::Auto,
        VideoDecoder::Native,
        VideoDecoder::Ffmpeg,
    ] {
        assert_names(
            VideoReader::open(&text, decoder),
            &["clip.mp4", "content", "MP4"],
        );
    }
}
