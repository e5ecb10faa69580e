//! Every damage ends in a typed error that names the file and the field.

use std::fs;
use std::path::Path;

use bvgdm_data::{DataError, Episode, Result};

use crate::allocation::largest_of;
use crate::common::{FRAMES, assert_names, edit_metadata, forge, recorded};

const CHUNK: &str = "frames/000001.chunk";

/// Opens the episode and reads all of it.
fn read(dir: &Path) -> Result<()> {
    let episode = Episode::open(dir)?;
    episode.frames(0..episode.len()).map(drop)
}

#[test]
fn metadata_with_a_wrong_field_names_it() {
    let cases = [
        ("format_version: 1", "format_version: 2", "format_version"),
        ("fps: 20.0", "fps: NaN", "fps"),
        ("fps: 20.0", "fps: inf", "fps"),
        ("fps: 20.0", "fps: 0.0", "fps"),
        ("fps: 20.0", "fps: \"fast\"", "Expected float, in `fps: "),
        ("width: 16", "width: 1000000000", "width"),
        ("height: 12", "height: 0", "height"),
        ("height: 12", "height: -1", "in `height: -1"),
        ("min: -10.0", "min: NaN", "schema[1].kind"),
        ("\"yaw\"", "\"forward\"", "schema[1].name"),
        (
            "frame_count: 50",
            "frame_count: 1000000000000",
            "frame_count",
        ),
        ("frame_count: 50", "frame_count: 99", "files"),
        ("frame_count: 50", "frame_count: 51", "actions.jsonl: lines"),
        ("chunk_frames: 20", "chunk_frames: 0", "chunk_frames"),
        (
            "chunk_frames: 20",
            "chunk_frames: 18446744073709551615",
            "chunk_frames",
        ),
        ("chunk_frames: 20", "chunk_frames: 25", "files"),
        (CHUNK, "../../../etc/passwd", "files[2].name"),
        (CHUNK, "/etc/passwd", "files[2].name"),
        ("actions.jsonl", "metadata.ron", "files[0].name"),
        ("sha256: \"", "sha256: \"x", "files[0].sha256"),
        ("bytes: ", "bytes: 99999999999999", "files[0].bytes"),
        ("seed: ", "surprise: 1, seed: ", "surprise"),
    ];
    for (from, to, part) in cases {
        let (_root, dir) = recorded();
        edit_metadata(&dir, from, to);
        assert_names(Episode::open(&dir), &[part]);
    }
}

#[test]
fn another_version_is_told_from_a_broken_file() {
    let (_root, dir) = recorded();
    fs::write(
        dir.join("metadata.ron"),
        "(format_version: 7, all_new: [1])",
    )
    .unwrap();
    let error = Episode::open(&dir).unwrap_err();
    assert!(
        matches!(error, DataError::Version { found: 7, .. }),
        "{error}"
    );
    fs::write(dir.join("metadata.ron"), "(format_version: 1, ").unwrap();
    let error = Episode::open(&dir).unwrap_err();
    assert!(matches!(error, DataError::Parse { .. }), "{error}");
}

#[test]
fn actions_of_a_wrong_kind_name_their_line() {
    let cases = [
        (
            r#"{"frame":1,"actions":{"forward":"yes"}}"#,
            "line 2: actions.forward",
        ),
        (r#"{"frame":1,"actions":{"fly":1}}"#, "\"fly\""),
        (
            r#"{"frame":1,"actions":{"forward":0.5}}"#,
            "line 2: action.forward",
        ),
        (
            r#"{"frame":1,"actions":{"yaw":-10.5}}"#,
            "line 2: action.yaw",
        ),
        (r#"{"frame":1,"actions":{"yaw":1e999}}"#, "line 2"),
        (r#"{"frame":1,"actions":{"yaw":NaN}}"#, "line 2"),
        (
            r#"{"frame":1,"actions":{"yaw":null}}"#,
            "line 2: actions.yaw",
        ),
        (r#"{"frame":1,"actions":[1,2]}"#, "line 2"),
        (r#"{"frame":2,"actions":{}}"#, "line 2: frame"),
        (r#"{"frame":-1,"actions":{}}"#, "line 2"),
        (r#"{"frame":1}"#, "actions"),
        (r#"{"frame":1,"actions":{},"x":0}"#, "x"),
        ("\u{0}", "line 2"),
        ("", "line 2"),
    ];
    for (line, part) in cases {
        let (_root, dir) = recorded();
        let text = fs::read_to_string(dir.join("actions.jsonl")).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        lines[1] = line;
        forge(&dir, "actions.jsonl", (lines.join("\n") + "\n").as_bytes());
        assert_names(Episode::open(&dir), &["actions.jsonl", part]);
    }
}

#[test]
fn there_must_be_one_line_a_frame() {
    let (_root, dir) = recorded();
    let text = fs::read_to_string(dir.join("actions.jsonl")).unwrap();
    let short = &text[..text.trim_end().rfind('\n').unwrap()];
    forge(&dir, "actions.jsonl", short.as_bytes());
    assert_names(Episode::open(&dir), &["actions.jsonl", "lines", "50", "49"]);
    let long = format!("{text}{{\"frame\":{FRAMES},\"actions\":{{}}}}\n");
    forge(&dir, "actions.jsonl", long.as_bytes());
    assert_names(Episode::open(&dir), &["actions.jsonl", "lines", "more"]);
    forge(&dir, "actions.jsonl", b"");
    assert_names(Episode::open(&dir), &["actions.jsonl", "lines", "found 0"]);
}

#[test]
fn a_file_that_is_missing_or_of_another_size_is_named_on_opening() {
    for name in ["metadata.ron", "actions.jsonl", CHUNK] {
        let (_root, dir) = recorded();
        let content = fs::read(dir.join(name)).unwrap();
        fs::write(dir.join(name), &content[..content.len() / 2]).unwrap();
        assert_names(Episode::open(&dir), &[name]);
        fs::remove_file(dir.join(name)).unwrap();
        let error = Episode::open(&dir).unwrap_err();
        assert!(matches!(error, DataError::Io { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        fs::create_dir(dir.join(name)).unwrap();
        assert_names(Episode::open(&dir), &[name]);
    }
}

/// Asserts that a file is said to have another checksum.
fn assert_checksum<T: std::fmt::Debug>(result: Result<T>, name: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, DataError::Checksum { .. }), "{error}");
    assert!(error.to_string().contains(name), "{error}");
}

#[test]
fn another_number_of_the_same_length_in_the_actions_is_found_on_opening() {
    let (_root, dir) = recorded();
    let path = dir.join("actions.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let changed = text.replacen("\"yaw\":-1", "\"yaw\":-2", 1);
    assert!(changed != text && changed.len() == text.len(), "{text}");
    fs::write(&path, changed).unwrap();
    assert_checksum(Episode::open(&dir), "actions.jsonl");
}

#[test]
fn a_flipped_bit_is_found_where_its_chunk_is_read() {
    let (_root, dir) = recorded();
    let mut content = fs::read(dir.join(CHUNK)).unwrap();
    // In the last picture of the chunk: frame 39.
    let at = content.len() - 20;
    content[at] ^= 1;
    fs::write(dir.join(CHUNK), content).unwrap();
    let episode = Episode::open(&dir).unwrap();
    assert_eq!(episode.frames(0..20).unwrap().len(), 20);
    assert_eq!(episode.frames(40..FRAMES).unwrap().len(), FRAMES - 40);
    assert_checksum(episode.frames(20..21), CHUNK);
}

#[test]
fn a_chunk_that_contradicts_the_metadata_names_the_field() {
    // Where in the file, what to put there, and what must be named.
    let cases: [(usize, &[u8], &str); 11] = [
        (0, b"RIFF", "magic"),
        (8, &[9], "format_version"),
        (12, &[21], "first_frame"),
        (16, &[17], "width"),
        (20, &[0], "height"),
        (24, &[0xff; 4], "frames"),
        (28, &[0], "offsets[0]"),
        (36, &[0xff; 8], "offsets[1]"),
        (44, &[0; 8], "offsets[2]"),
        (28 + 20 * 8, &[0], "offsets[20]"),
        (28 + 21 * 8, b"no PNG", "frame 20"),
    ];
    for (at, bytes, part) in cases {
        let (_root, dir) = recorded();
        let mut content = fs::read(dir.join(CHUNK)).unwrap();
        content[at..at + bytes.len()].copy_from_slice(bytes);
        forge(&dir, CHUNK, &content);
        assert_names(read(&dir), &[CHUNK, part]);
    }
}

#[test]
fn a_chunk_cut_anywhere_is_an_error() {
    let (_root, dir) = recorded();
    let content = fs::read(dir.join(CHUNK)).unwrap();
    for length in (0..content.len()).step_by(content.len() / 97) {
        forge(&dir, CHUNK, &content[..length]);
        assert_names(read(&dir), &[CHUNK]);
    }
}

#[test]
fn a_picture_of_another_size_or_kind_is_an_error() {
    let (_root, dir) = recorded();
    let content = fs::read(dir.join(CHUNK)).unwrap();
    // IHDR follows the PNG's signature (8), its own length (4) and name (4).
    let header = 28 + 21 * 8 + 16;
    for (at, byte) in [(3, 17), (0, 0x7f), (8, 16), (9, 6)] {
        let mut changed = content.clone();
        changed[header + at] = byte;
        forge(&dir, CHUNK, &changed);
        assert_names(read(&dir), &[CHUNK, "frame 20"]);
    }
}

#[test]
fn claimed_sizes_allocate_nothing() {
    let (_root, dir) = recorded();
    edit_metadata(&dir, "width: 16", "width: 4096");
    edit_metadata(&dir, "height: 12", "height: 4096");
    let (result, largest) = largest_of(|| read(&dir));
    assert_names(result, &["000000.chunk", "width"]);
    assert!(largest < 1 << 16, "{largest} bytes at once");
}
