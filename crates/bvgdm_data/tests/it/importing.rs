//! Recordings of other programs become episodes, frame by frame and line by line.

pub mod logs;
mod pictures;

use std::fs;
use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionVector, Frame};
use bvgdm_data::import::{
    Bindings, Clip, ImportOptions, Imported, PicturesOptions, find_clips, import_clip,
    import_pictures, imported,
};
use bvgdm_data::video::{VideoDecoder, VideoReader};
use bvgdm_data::{DataError, Dataset, Episode, Fit, Result, VideoWriter, write_png};

use crate::allocation::largest_of;
use crate::common::{assert_names, frame, psnr, skip};
use crate::decoding::{fixture, has_ffmpeg};

fn options() -> ImportOptions {
    ImportOptions {
        game: "maze".to_owned(),
        fps: None,
        fps_beside: None,
        size: None,
        fit: Fit::Stretch,
        skip_gui: false,
        skip_idle: false,
        decoder: VideoDecoder::Auto,
    }
}

fn maze() -> Clip {
    Clip {
        name: "maze".to_owned(),
        video: fixture("maze.mp4"),
        log: Some(fixture("maze.jsonl")),
    }
}

fn import(
    clip: &Clip,
    bindings: Option<&Bindings>,
    options: &ImportOptions,
    out: &Path,
) -> Imported {
    import_clip(clip, bindings, options, out, &mut |_, _| {}).unwrap()
}

/// The frames of a clip as they are.
fn decoded(video: &Path) -> Vec<Frame> {
    let mut reader = VideoReader::open(video, VideoDecoder::Auto).unwrap();
    std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
}

/// A value of a schema's action in every line.
fn values(episode: &Episode, name: &str) -> Vec<f32> {
    let index = episode.schema().index_of(name).unwrap();
    episode.actions().iter().map(|a| a.0[index]).collect()
}

#[test]
fn frame_i_of_the_clip_is_frame_i_of_the_episode() {
    let out = tempfile::tempdir().unwrap();
    let report = import(&maze(), Some(&Bindings::oasis()), &options(), out.path());
    assert_eq!((report.frames, report.lines, report.clamped), (60, 60, 0));
    assert_eq!(report.episodes, [(out.path().join("maze"), 60)]);
    let episode = Episode::open(&out.path().join("maze")).unwrap();
    assert!(episode.metadata().complete);
    assert_eq!(episode.metadata().fps, 17.5);
    assert_eq!(episode.frames(0..60).unwrap(), decoded(&maze().video));

    // The log, read by its own means: `"w"` and the counts of every line.
    let log = fs::read_to_string(maze().log.unwrap()).unwrap();
    let (forward, turn) = (values(&episode, "forward"), values(&episode, "cameraY"));
    for (i, line) in log.lines().enumerate() {
        let held = f32::from(u8::from(line.contains("key.keyboard.w")));
        let dx = line
            .split("\"dx\": ")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap();
        let degrees = dx.parse::<f32>().unwrap() * 0.15;
        assert_eq!(forward[i], held, "line {i}");
        assert!(
            (turn[i] - degrees).abs() < 1e-4,
            "line {i}: {} for {degrees}",
            turn[i]
        );
    }
    assert!(forward.contains(&1.0) && turn.iter().any(|&turn| turn != 0.0));
    Dataset::open(out.path()).unwrap();
}

#[test]
fn a_clip_whose_end_cannot_be_decoded_leaves_no_episode() {
    let root = tempfile::tempdir().unwrap();
    let mut video = fs::read(fixture("maze.mp4")).unwrap();
    // All of the log's frames are before it, and a cut would have made an episode by then.
    let lines = fs::read_to_string(fixture("maze.jsonl")).unwrap();
    let mut lines: Vec<_> = lines.lines().take(45).collect();
    lines[20] = "null";
    fs::write(root.path().join("maze.jsonl"), lines.join("\n")).unwrap();
    let end = content(&video, b"mdat").1;
    video[end - 300..end].fill(0);
    fs::write(root.path().join("maze.mp4"), video).unwrap();
    let clip = &find_clips(root.path(), true).unwrap()[0];
    let out = root.path().join("out");
    let mut options = options();
    options.decoder = VideoDecoder::Native;
    let import = || {
        import_clip(
            clip,
            Some(&Bindings::oasis()),
            &options,
            &out,
            &mut |_, _| {},
        )
    };
    import().unwrap_err();
    assert_eq!(imported(clip, &out), None);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);

    fs::copy(fixture("maze.mp4"), &clip.video).unwrap();
    let episodes = import().unwrap().episodes;
    assert_eq!(episodes.len(), 2);
    assert_eq!(imported(clip, &out).as_ref(), Some(&episodes[0].0));
}

/// Where the content of a box begins and ends.
fn content(bytes: &[u8], kind: &[u8; 4]) -> (usize, usize) {
    let at = bytes.windows(4).position(|four| four == kind).unwrap();
    let size = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap());
    (at + 4, at - 4 + size as usize)
}

#[test]
fn another_size_and_rate_keep_the_time_and_what_was_held() {
    let out = tempfile::tempdir().unwrap();
    let mut options = options();
    (options.fps, options.size) = (Some(8.75), Some((112, 64)));
    import(
        &maze(),
        Some(&Bindings::oasis()),
        &options,
        &out.path().join("half"),
    );
    options.fps = Some(17.5);
    import(
        &maze(),
        Some(&Bindings::oasis()),
        &options,
        &out.path().join("whole"),
    );
    let open = |name: &str| Episode::open(&out.path().join(name).join("maze")).unwrap();
    let (half, whole) = (open("half"), open("whole"));
    assert_eq!((half.len(), whole.len()), (30, 60));
    let frames = whole.frames(0..60).unwrap();
    let every_second: Vec<_> = frames.into_iter().step_by(2).collect();
    assert_eq!(half.frames(0..30).unwrap(), every_second);
    let (slow, fast) = (values(&half, "cameraY"), values(&whole, "cameraY"));
    for (k, pair) in fast.chunks(2).enumerate() {
        let sum = (pair[0] + pair[1]).clamp(-20.0, 20.0);
        assert!((slow[k] - sum).abs() < 1e-4, "frame {k}");
    }
    let (slow, fast) = (values(&half, "forward"), values(&whole, "forward"));
    for (k, pair) in fast.chunks(2).enumerate() {
        assert_eq!(slow[k], pair[0].max(pair[1]), "frame {k}");
    }
}

#[test]
fn a_schema_of_ones_own_and_none() {
    let out = tempfile::tempdir().unwrap();
    let text = br#"[
        (name: "go", kind: Button, from: [Key("w"), Key("key.keyboard.s")]),
        (name: "yaw", kind: Axis(min: -4, max: 4)),
    ]"#;
    let bindings = Bindings::parse(text, Path::new("my.ron")).unwrap();
    let report = import(&maze(), Some(&bindings), &options(), out.path());
    assert!(report.clamped > 0, "turns of more than 4 degrees are told");
    let episode = Episode::open(&out.path().join("maze")).unwrap();
    assert_eq!(episode.schema(), bindings.schema());
    assert!(values(&episode, "yaw").iter().all(|yaw| yaw.abs() <= 4.0));

    let silent = Clip {
        log: None,
        ..maze()
    };
    let refused = import_clip(
        &silent,
        Some(&bindings),
        &options(),
        out.path(),
        &mut |_, _| {},
    );
    assert_names(refused, &["maze.mp4", "log of actions", "maze.jsonl"]);
    let report = import(&silent, None, &options(), &out.path().join("silent"));
    assert_eq!((report.lines, report.episodes[0].1), (0, 60));
    let episode = Episode::open(&report.episodes[0].0).unwrap();
    assert!(episode.schema().is_empty());
    assert_eq!(episode.frames(0..60).unwrap(), decoded(&maze().video));
}

#[test]
fn a_webm_is_imported_through_ffmpeg() {
    let clip = Clip {
        name: "maze_vp9".to_owned(),
        video: fixture("maze_vp9.webm"),
        log: Some(fixture("maze_vp9.jsonl")),
    };
    let out = tempfile::tempdir().unwrap();
    let mut options = options();
    options.fps = Some(17.5);
    if !has_ffmpeg() {
        let error = import_clip(&clip, None, &options, out.path(), &mut |_, _| {}).unwrap_err();
        assert!(matches!(error, DataError::MissingProgram { .. }), "{error}");
        return;
    }
    let report = import(&clip, Some(&Bindings::oasis()), &options, out.path());
    assert!(report.used_ffmpeg);
    let episode = Episode::open(&out.path().join("maze_vp9")).unwrap();
    assert_eq!(episode.frames(0..30).unwrap(), decoded(&clip.video));
}
