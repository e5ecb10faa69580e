//! Logs of actions beside their videos, and folders of them.

use std::fs;
use std::path::Path;

use super::*;

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

    let dir = root.path().join("all").join("clip/000");
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
