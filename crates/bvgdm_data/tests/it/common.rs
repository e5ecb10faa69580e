//! A small game, its episodes, and ways to damage them.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use bvgdm_core::{ActionSchema, ActionSpec, ActionVector, Frame, sha256_hex};
use bvgdm_data::{EpisodeMetadata, EpisodeSpec, EpisodeWriter, METADATA_FILE};

pub const WIDTH: usize = 16;
pub const HEIGHT: usize = 12;
pub const FRAMES: usize = 50;

pub fn spec() -> EpisodeSpec {
    let actions = [
        ActionSpec::button("forward"),
        ActionSpec::axis("yaw", -10.0, 10.0),
    ];
    EpisodeSpec {
        game: "test".to_owned(),
        fps: 20.0,
        width: WIDTH,
        height: HEIGHT,
        schema: ActionSchema::new(actions).unwrap(),
        seed: u64::MAX,
    }
}

/// A picture that no other time has, with slopes and noise as games have them.
pub fn frame(t: usize, width: usize, height: usize) -> Frame {
    let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) % 9;
    let pixel = |x: usize, y: usize| {
        let i = y * width + x;
        [
            x * 200 / width + noise(i + t),
            y * 200 / height + noise(i),
            (t * 7 + x) % 240,
        ]
    };
    let bytes = (0..width * height).flat_map(|i| pixel(i % width, i / width));
    Frame::new(width, height, bytes.map(|v| v as u8).collect()).unwrap()
}

pub fn small(t: usize) -> Frame {
    frame(t, WIDTH, HEIGHT)
}

pub fn action(t: usize) -> ActionVector {
    ActionVector(vec![t.is_multiple_of(3).into(), (t % 7) as f32 / 3.0 - 1.0])
}

/// A complete episode of [`FRAMES`] frames: two full chunks of 20 and one of 10.
pub fn record(dir: &Path) -> EpisodeMetadata {
    let mut writer = EpisodeWriter::create(dir, spec()).unwrap();
    for t in 0..FRAMES {
        writer.push(&small(t), &action(t)).unwrap();
    }
    writer.finish().unwrap()
}

/// A recorded episode in a folder that goes away with the first value.
pub fn recorded() -> (tempfile::TempDir, std::path::PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("episode");
    record(&dir);
    (root, dir)
}

/// Replaces text in the metadata.
pub fn edit_metadata(dir: &Path, from: &str, to: &str) {
    let path = dir.join(METADATA_FILE);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from:?} is not in {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Puts other content into a file and makes the metadata agree with its size and checksum.
pub fn forge(dir: &Path, name: &str, content: &[u8]) {
    fs::write(dir.join(name), content).unwrap();
    let path = dir.join(METADATA_FILE);
    let mut metadata =
        EpisodeMetadata::parse(&fs::read(&path).unwrap(), Path::new("test")).unwrap();
    let entry = metadata.files.iter_mut().find(|f| f.name == name).unwrap();
    entry.bytes = content.len() as u64;
    entry.sha256 = sha256_hex(content);
    fs::write(path, ron::ser::to_string(&metadata).unwrap()).unwrap();
}

/// Asserts that an error names what it must.
pub fn assert_names<T: std::fmt::Debug>(result: bvgdm_data::Result<T>, parts: &[&str]) {
    let text = result.unwrap_err().to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

/// Peak signal-to-noise ratio of two equally long pieces of 8-bit samples, in dB.
pub fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let sum: f64 = a.iter().zip(b).map(square).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / sum).log10()
}

/// Says that a part of a test is left out, and why: past libtest, which keeps what a passing test prints to
/// itself. Fails where nothing is to be left out (`BVGDM_REQUIRE_FFMPEG=1`).
pub fn skip(why: &str) {
    let required = std::env::var("BVGDM_REQUIRE_FFMPEG").is_ok_and(|value| value == "1");
    assert!(!required, "{why}");
    writeln!(std::io::stderr(), "skipped: {why}").ok();
}
