//! A recording killed at any moment is an episode of all finished chunks.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bvgdm_data::{Episode, EpisodeWriter, METADATA_FILE};

use crate::common::{action, assert_names, edit_metadata, small, spec};

/// Names the folder to the child that records until it is killed.
const FOLDER: &str = "BVGDM_DATA_TEST_FOLDER";

fn record_unfinished(dir: &Path, frames: usize) {
    let mut writer = EpisodeWriter::create(dir, spec()).unwrap();
    for t in 0..frames {
        writer.push(&small(t), &action(t)).unwrap();
    }
}

fn assert_sound(dir: &Path) -> usize {
    let episode = Episode::open(dir).unwrap();
    assert!(!episode.metadata().complete);
    let frames = episode.frames(0..episode.len()).unwrap();
    for (t, frame) in frames.iter().enumerate() {
        assert_eq!((frame, &episode.actions()[t]), (&small(t), &action(t)));
    }
    frames.len()
}

#[test]
fn a_dropped_writer_leaves_its_finished_chunks() {
    for (pushed, readable) in [(0, 0), (19, 0), (20, 20), (59, 40)] {
        let root = tempfile::tempdir().unwrap();
        record_unfinished(root.path(), pushed);
        assert_eq!(assert_sound(root.path()), readable, "{pushed} frames");
    }
}

#[test]
fn what_a_kill_leaves_lying_around_is_not_read() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    record_unfinished(dir, 40);
    fs::write(dir.join("metadata.ron.tmp"), "(format_version: 1, ga").unwrap();
    fs::write(dir.join("frames/000002.chunk.tmp"), [7; 99]).unwrap();
    fs::write(dir.join("frames/000002.chunk"), [7; 99]).unwrap();
    let mut actions = OpenOptions::new()
        .append(true)
        .open(dir.join("actions.jsonl"))
        .unwrap();
    actions.write_all(b"{\"frame\":40,\"act").unwrap();
    assert_eq!(assert_sound(dir), 40);
}

#[test]
fn a_kill_between_a_chunk_and_the_metadata_leaves_the_chunks_before() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    let mut writer = EpisodeWriter::create(dir, spec()).unwrap();
    for t in 0..20 {
        writer.push(&small(t), &action(t)).unwrap();
    }
    let before = fs::read(dir.join(METADATA_FILE)).unwrap();
    for t in 20..40 {
        writer.push(&small(t), &action(t)).unwrap();
    }
    drop(writer);
    fs::write(dir.join(METADATA_FILE), before).unwrap();
    assert_eq!(assert_sound(dir), 20);
}

#[test]
fn an_incomplete_episode_must_count_whole_chunks() {
    let root = tempfile::tempdir().unwrap();
    record_unfinished(root.path(), 20);
    edit_metadata(root.path(), "frame_count: 20", "frame_count: 19");
    let parts = ["metadata.ron", "frame_count", "whole chunks", "19"];
    assert_names(Episode::open(root.path()), &parts);
}

#[test]
fn a_process_killed_at_any_moment_leaves_a_sound_episode() {
    for round in 0..8 {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("episode");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::record_until_killed", "--ignored"])
            .env(FOLDER, &dir)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while !dir.join("frames/000002.chunk").exists() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "nothing recorded"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(713 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(assert_sound(&dir) >= 40);
    }
}

#[test]
#[ignore = "the child of the test above"]
fn record_until_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    record_unfinished(Path::new(&dir), 100_000);
}
