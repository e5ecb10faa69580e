//! What is written is what is read.

use std::fs;

use bvgdm_data::{Episode, EpisodeWriter, read_png, write_png};

use crate::common::{FRAMES, action, assert_names, frame, recorded, small, spec};

#[test]
fn frames_actions_and_metadata_come_back_as_they_were() {
    let (_root, dir) = recorded();
    let episode = Episode::open(&dir).unwrap();
    assert_eq!(episode.len(), FRAMES);
    let frames = episode.frames(0..FRAMES).unwrap();
    for (t, frame) in frames.iter().enumerate() {
        assert_eq!(*frame, small(t), "frame {t}");
        assert_eq!(episode.actions()[t], action(t), "action {t}");
    }
    let metadata = episode.metadata();
    assert!(metadata.complete);
    assert_eq!((metadata.seed, metadata.fps), (u64::MAX, 20.0));
    assert_eq!(*episode.schema(), spec().schema);
}

#[test]
fn any_window_equals_the_same_part_of_the_whole() {
    let (_root, dir) = recorded();
    let episode = Episode::open(&dir).unwrap();
    let whole = episode.frames(0..FRAMES).unwrap();
    for start in 0..=FRAMES {
        for end in start..=FRAMES {
            assert_eq!(episode.frames(start..end).unwrap(), whole[start..end]);
        }
    }
}

#[test]
fn a_window_beyond_the_end_is_an_error() {
    let (_root, dir) = recorded();
    let episode = Episode::open(&dir).unwrap();
    assert_names(episode.frames(40..51), &["frames 40..51", "0..50"]);
    assert!(episode.frames(0..usize::MAX).is_err());
    let (from, to) = (9, 3);
    assert!(episode.frames(from..to).is_err());
}

#[test]
fn a_window_reads_only_the_chunks_that_hold_it() {
    let (_root, dir) = recorded();
    let episode = Episode::open(&dir).unwrap();
    fs::remove_file(dir.join("frames/000001.chunk")).unwrap();
    assert_eq!(episode.frames(3..20).unwrap().len(), 17);
    assert_eq!(episode.frames(40..50).unwrap().len(), 10);
    assert_names(episode.frames(19..21), &["000001.chunk"]);
}

#[test]
fn the_writer_refuses_what_the_reader_would() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    let mut writer = EpisodeWriter::create(dir, spec()).unwrap();
    assert_names(
        writer.push(&frame(0, 8, 8), &action(0)),
        &["16 x 12", "8 x 8"],
    );
    let mut wrong = action(0);
    wrong.0[1] = 11.0;
    assert_names(writer.push(&small(0), &wrong), &["action.yaw", "11"]);
    wrong.0[1] = f32::NAN;
    assert_names(writer.push(&small(0), &wrong), &["action.yaw"]);
    wrong.0.pop();
    assert_names(writer.push(&small(0), &wrong), &["2 values"]);
    writer.push(&small(0), &action(0)).unwrap();
    assert_eq!(writer.finish().unwrap().frame_count, 1);
    assert_eq!(
        Episode::open(dir).unwrap().frames(0..1).unwrap(),
        [small(0)]
    );
    assert_names(EpisodeWriter::create(dir, spec()), &["already recorded"]);

    let mut timeless = spec();
    timeless.fps = f64::NAN;
    let nowhere = root.path().join("never made");
    assert_names(EpisodeWriter::create(&nowhere, timeless), &["fps"]);
    assert!(!nowhere.exists());
}

#[test]
fn names_of_actions_may_hold_any_character() {
    let root = tempfile::tempdir().unwrap();
    let mut odd = spec();
    odd.schema.actions[0].name = "\"quoted\"\n\u{1F3AE}\\".to_owned();
    let mut writer = EpisodeWriter::create(root.path(), odd).unwrap();
    writer.push(&small(0), &action(0)).unwrap();
    writer.finish().unwrap();
    assert_eq!(Episode::open(root.path()).unwrap().actions(), [action(0)]);
}

#[test]
fn pictures_are_written_and_read_back() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("one.png");
    write_png(&path, &small(3)).unwrap();
    assert_eq!(read_png(&path).unwrap(), small(3));
    fs::write(&path, b"no picture").unwrap();
    assert_names(read_png(&path), &["one.png"]);
}

#[test]
#[ignore = "measures time: run alone, on a machine that does nothing else"]
fn a_thousand_frames_a_second_are_written_on_one_core() {
    let root = tempfile::tempdir().unwrap();
    let mut spec = spec();
    (spec.width, spec.height) = (112, 64);
    let frames: Vec<_> = (0..2000).map(|t| frame(t, 112, 64)).collect();
    let mut writer = EpisodeWriter::create(root.path(), spec).unwrap();
    let start = std::time::Instant::now();
    for (t, frame) in frames.iter().enumerate() {
        writer.push(frame, &action(t)).unwrap();
    }
    let metadata = writer.finish().unwrap();
    let writing = frames.len() as f64 / start.elapsed().as_secs_f64();
    let bytes: u64 = metadata.files.iter().map(|f| f.bytes).sum();
    let episode = Episode::open(root.path()).unwrap();
    let start = std::time::Instant::now();
    for window in 0..200 {
        let first = window * 7919 % 1980;
        assert_eq!(episode.frames(first..first + 16).unwrap().len(), 16);
    }
    let reading = 3200.0 / start.elapsed().as_secs_f64();
    let size = bytes as usize / frames.len();
    println!("{writing:.0} frames/s written, {reading:.0} read at random, {size} bytes a frame");
    assert!(writing > 1000.0);
}
