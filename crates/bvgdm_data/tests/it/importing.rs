//! Recordings of other programs become episodes, frame by frame and line by line.

use std::fs;
use std::path::{Path, PathBuf};

use bvgdm_core::{ActionSchema, ActionVector, Frame};
use bvgdm_data::import::{
    Bindings, Clip, ImportOptions, Imported, PicturesOptions, find_clips, import_clip,
    import_pictures,
};
use bvgdm_data::video::{VideoDecoder, VideoReader};
use bvgdm_data::{DataError, Dataset, Episode, Fit, Result, VideoWriter, write_png};

use crate::allocation::largest_of;
use crate::common::{assert_names, frame, psnr};
use crate::decoding::{fixture, has_ffmpeg};

fn options() -> ImportOptions {
    ImportOptions {
        game: "maze".to_owned(),
        fps: None,
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
    episode.verify().unwrap();
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

/// A clip whose frames show their number as a light, 20 a second, and a log of these lines.
fn clip(root: &Path, lines: &[&str]) -> Clip {
    let video = root.join("clip.mp4");
    let mut writer = VideoWriter::create(&video, 64, 48, 20.0, 1).unwrap();
    for t in 0..lines.len() {
        writer.push(&frame(t * 9, 64, 48)).unwrap();
    }
    writer.finish().unwrap();
    let log = root.join("clip.jsonl");
    fs::write(&log, lines.join("\n")).unwrap();
    Clip {
        name: "clip".to_owned(),
        video,
        log: Some(log),
    }
}

const IDLE: &str = r#"{"mouse":{"dx":0,"dy":0,"buttons":[]},"keyboard":{"keys":[]}}"#;
const WALK: &str = r#"{"mouse":{"dx":2,"dy":-4,"buttons":[0],"newButtons":[0]},"keyboard":{"keys":["key.keyboard.w"]},"isGuiOpen":false,"hotbar":0}"#;
const MENU: &str = r#"{"mouse":{"dx":0,"dy":0,"buttons":[]},"keyboard":{"keys":["key.keyboard.e"]},"isGuiOpen":true,"hotbar":2}"#;

#[test]
fn menus_idle_moments_and_missing_lines_go_where_they_are_told() {
    let root = tempfile::tempdir().unwrap();
    let lines = [
        WALK, WALK, IDLE, WALK, MENU, MENU, WALK, "null", IDLE, IDLE, WALK, WALK,
    ];
    let clip = clip(root.path(), &lines);
    let frames = decoded(&clip.video);
    let read = |name: &str, skip_gui, skip_idle| -> Vec<Vec<usize>> {
        let options = ImportOptions {
            skip_gui,
            skip_idle,
            ..options()
        };
        let report = import(
            &clip,
            Some(&Bindings::oasis()),
            &options,
            &root.path().join(name),
        );
        let episodes = report
            .episodes
            .iter()
            .map(|(dir, _)| Episode::open(dir).unwrap());
        let number = |frame: &Frame| frames.iter().position(|f| f == frame).unwrap();
        episodes
            .map(|e| e.frames(0..e.len()).unwrap().iter().map(number).collect())
            .collect()
    };
    assert_eq!(
        read("all", false, false),
        [vec![0, 1, 2, 3, 4, 5, 6], vec![8, 9, 10, 11]]
    );
    assert_eq!(
        read("no menus", true, false),
        [vec![0, 1, 2, 3], vec![8, 9, 10, 11]]
    );
    assert_eq!(read("busy", true, true), [vec![0, 1, 3], vec![10, 11]]);

    let dir = root.path().join("all").join("clip_000");
    let episode = Episode::open(&dir).unwrap();
    // A press that began before the recording is not seen to end, until the next one.
    assert_eq!(
        values(&episode, "attack"),
        [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0]
    );
    // The slot is selected in one moment, and back in another.
    assert_eq!(
        values(&episode, "hotbar.3"),
        [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    );
    assert_eq!(
        values(&episode, "hotbar.1"),
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    );
    assert!(
        (values(&episode, "cameraX")[0] + 0.6).abs() < 1e-6,
        "4 counts up are 0.6 degrees"
    );
}

#[test]
fn a_damaged_log_names_its_line_and_field() {
    let root = tempfile::tempdir().unwrap();
    let clip = clip(root.path(), &[IDLE; 6]);
    let log = clip.log.clone().unwrap();
    let read = |line: &str| -> Result<Imported> {
        fs::write(&log, [IDLE, IDLE, line, IDLE, IDLE, IDLE].join("\n")).unwrap();
        import_clip(
            &clip,
            Some(&Bindings::oasis()),
            &options(),
            root.path(),
            &mut |_, _| {},
        )
    };
    let long = format!(r#"{{"chars":"{}"}}"#, "x".repeat(70_000));
    for (line, parts) in [
        ("{", &["line 3", "column"][..]),
        ("[]", &["line 3: keyboard.keys", "nothing"]),
        (
            r#"{"mouse":7,"keyboard":{"keys":[]}}"#,
            &["line 3: mouse.buttons"],
        ),
        (
            &IDLE.replace("\"dx\":0", "\"dx\":\"fast\""),
            &["line 3: mouse.dx", "\"fast\""],
        ),
        (
            &IDLE.replace("\"dx\":0", "\"dx\":1e300"),
            &["line 3: mouse.dx", "1000000"],
        ),
        (
            &IDLE.replace("\"dx\":0", "\"dx\":NaN"),
            &["line 3", "column"],
        ),
        (
            &IDLE.replace("\"dx\":0", "\"dx\":1e999"),
            &["line 3", "range"],
        ),
        (
            &IDLE.replace("[]}}", "[7]}}"),
            &["line 3: keyboard.keys", "[7]"],
        ),
        (
            &IDLE.replace("\"buttons\":[]", "\"buttons\":[-1]"),
            &["line 3: mouse.buttons"],
        ),
        (
            &IDLE.replace("{\"mouse\"", "{\"isGuiOpen\":3,\"mouse\""),
            &["line 3: isGuiOpen"],
        ),
        (
            &IDLE.replace("{\"mouse\"", "{\"hotbar\":-3,\"mouse\""),
            &["line 3: hotbar"],
        ),
        (&long, &["line 3", "65536 bytes"]),
        (&"[".repeat(5000), &["line 3", "recursion"]),
    ] {
        let parts = [&["clip.jsonl"], parts].concat();
        assert_names(read(line), &parts);
    }
    fs::write(&log, "").unwrap();
    let none = import_clip(
        &clip,
        Some(&Bindings::oasis()),
        &options(),
        root.path(),
        &mut |_, _| {},
    );
    assert_names(none, &["clip.jsonl", "lines", "about 6"]);
    let many = [IDLE; 100].join("\n");
    fs::write(&log, many).unwrap();
    let many = import_clip(
        &clip,
        Some(&Bindings::oasis()),
        &options(),
        root.path(),
        &mut |_, _| {},
    );
    assert_names(many, &["clip.jsonl", "lines", "at most 26"]);
    assert!(
        !root.path().join("clip").exists(),
        "nothing that looks like an episode stays"
    );
}

#[test]
fn a_folder_gives_its_pairs_and_only_plain_names() {
    let root = tempfile::tempdir().unwrap();
    let touch = |name: &str| fs::write(root.path().join(name), "").unwrap();
    assert_names(find_clips(root.path(), true), &["videos", "none"]);
    for name in [
        "b.webm",
        "b.jsonl",
        "a.MP4",
        "a.jsonl",
        "notes.txt",
        "c.jsonl",
    ] {
        touch(name);
    }
    let clips = find_clips(root.path(), true).unwrap();
    let names: Vec<_> = clips.iter().map(|clip| clip.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    touch("d.mp4");
    assert_names(
        find_clips(root.path(), true),
        &["d.mp4", "log of actions", "d.jsonl"],
    );
    assert_eq!(find_clips(root.path(), false).unwrap().len(), 3);
    touch("b.mkv");
    assert_names(find_clips(root.path(), false), &["name", "no other"]);
    fs::remove_file(root.path().join("b.mkv")).unwrap();
    touch("...mp4");
    assert_names(find_clips(root.path(), false), &["...mp4", "name"]);
    assert_names(find_clips(&root.path().join("none"), true), &["none"]);
}

#[test]
fn an_episode_that_is_there_is_not_touched_and_half_of_one_is_replaced() {
    let root = tempfile::tempdir().unwrap();
    let clip = clip(root.path(), &[WALK; 6]);
    fs::create_dir_all(root.path().join("clip.partial/frames")).unwrap();
    fs::write(root.path().join("clip.partial/metadata.ron"), "half").unwrap();
    import(&clip, Some(&Bindings::oasis()), &options(), root.path());
    assert!(!root.path().join("clip.partial").exists());
    let again = import_clip(
        &clip,
        Some(&Bindings::oasis()),
        &options(),
        root.path(),
        &mut |_, _| {},
    );
    assert_names(again, &["clip", "episode"]);
    Episode::open(&root.path().join("clip")).unwrap();
}

/// A folder of pictures called `walk`.
fn pictures(root: &Path) -> (PathBuf, Vec<Frame>) {
    let dir = root.join("walk");
    fs::create_dir(&dir).unwrap();
    let frames: Vec<_> = (0..5).map(|t| frame(t * 9, 32, 24)).collect();
    let mut lines = String::new();
    for (t, frame) in frames.iter().enumerate() {
        write_png(&dir.join(format!("{t:03}.png")), frame).unwrap();
        lines += &format!("{{\"frame\":{t},\"actions\":{{\"forward\":{}}}}}\n", t % 2);
    }
    fs::write(dir.join("actions.jsonl"), lines).unwrap();
    (dir, frames)
}

#[test]
fn a_folder_of_pictures_becomes_an_episode() {
    let root = tempfile::tempdir().unwrap();
    let (dir, frames) = pictures(root.path());
    let options = PicturesOptions {
        game: "walk".to_owned(),
        fps: 10.0,
        size: None,
        fit: Fit::Stretch,
    };
    let out = root.path().join("episodes");
    let schema = ActionSchema::new([bvgdm_core::ActionSpec::button("forward")]).unwrap();
    let import = |schema, options: &PicturesOptions, out: &Path| {
        import_pictures(&dir, schema, options, out, &mut |_, _| {})
    };
    import(Some(&schema), &options, &out).unwrap();
    let episode = Episode::open(&out.join("walk")).unwrap();
    assert_eq!(episode.frames(0..5).unwrap(), frames);
    assert_eq!(episode.actions()[1], ActionVector(vec![1.0]));
    assert_names(import(Some(&schema), &options, &out), &["walk", "episode"]);

    let smaller = PicturesOptions {
        size: Some((16, 12)),
        ..options.clone()
    };
    import(None, &smaller, &out.join("small")).unwrap();
    let episode = Episode::open(&out.join("small/walk")).unwrap();
    assert!(episode.schema().is_empty());
    assert_eq!(episode.frames(0..1).unwrap()[0].width, 16);

    write_png(&dir.join("005.png"), &frames[0]).unwrap();
    assert_names(
        import(Some(&schema), &options, &out.join("more")),
        &["actions.jsonl", "lines", "6"],
    );
    fs::write(dir.join("005.png"), "no picture").unwrap();
    assert_names(
        import(None, &options, &out.join("bad")),
        &["005.png", "picture"],
    );
    let left = fs::read_dir(out.join("bad")).unwrap().count();
    assert_eq!(left, 0, "nothing that looks like an episode stays");
}

#[test]
fn resized_frames_are_like_those_of_ffmpeg() {
    let out = tempfile::tempdir().unwrap();
    let options = ImportOptions {
        size: Some((80, 60)),
        ..options()
    };
    import(&maze(), None, &options, out.path());
    let episode = Episode::open(&out.path().join("maze")).unwrap();
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(maze().video)
        .args([
            "-vf",
            "scale=80:60:flags=area",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-",
        ])
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no ffmpeg");
        return;
    };
    let frames = episode.frames(0..60).unwrap();
    let ours: Vec<u8> = frames.iter().flat_map(|f| f.rgb.iter().copied()).collect();
    let psnr = psnr(&ours, &output.stdout);
    assert!(psnr > 38.0, "{psnr:.1} dB");
}

/// Imports the fixture with another log; what fails names the log, what succeeds is sound.
pub fn import_log(log: &Path, root: &Path) {
    let clip = Clip {
        log: Some(log.to_owned()),
        ..maze()
    };
    let options = ImportOptions {
        size: Some((16, 12)),
        ..options()
    };
    let bindings = Bindings::oasis();
    let import = || import_clip(&clip, Some(&bindings), &options, root, &mut |_, _| {});
    let (result, largest) = largest_of(import);
    // A few times the clip and its pictures, as the log is read line by line.
    assert!(largest < 4 << 20, "{largest} bytes at once");
    match result {
        Ok(report) => {
            for (dir, frames) in report.episodes {
                assert_eq!(Episode::open(&dir).unwrap().len(), frames);
            }
        }
        Err(error) => assert!(error.to_string().contains("maze"), "{error}"),
    }
}
