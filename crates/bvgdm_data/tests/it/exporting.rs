//! Episodes as videos of a size and a rate, with what was held.

use std::fs;
use std::path::Path;

use bvgdm_data::export::{ExportOptions, Exporter, Recording, ShowActions, export_episode};
use bvgdm_data::import::{PicturesOptions, import_pictures};
use bvgdm_data::video::{VideoDecoder, VideoReader};
use bvgdm_data::{Episode, Fit, read_png};

use crate::common::{FRAMES, HEIGHT, WIDTH, assert_names, recorded, small};
use crate::decoding::has_ffmpeg;
use crate::videos::probe;

fn export(dir: &Path, out: &Path, options: ExportOptions) -> bvgdm_data::export::Exported {
    let episode = Episode::open(dir).unwrap();
    export_episode(&episode, 0..FRAMES, out, &options, &mut |_, _| {}).unwrap()
}

#[test]
fn the_count_the_rate_and_the_size_are_those_that_were_asked_for() {
    let (root, dir) = recorded();
    let cases = [
        (ExportOptions::default(), FRAMES, [WIDTH, HEIGHT], "20/1"),
        (
            ExportOptions {
                fps: Some(30.0),
                size: Some((128, 96)),
                actions: ShowActions::Overlay,
            },
            75,
            [128, 96],
            "30/1",
        ),
        (
            ExportOptions {
                fps: Some(10.0),
                size: Some((100, 50)),
                actions: ShowActions::Sidecar,
            },
            25,
            [100, 50],
            "10/1",
        ),
    ];
    for name in ["play.mp4", "play.webm", "play.gif"] {
        if name.ends_with("webm") && !has_ffmpeg() {
            continue;
        }
        for (options, frames, [width, height], rate) in cases {
            // The encoder takes nothing below 16 pixels.
            if name.ends_with("mp4") && height < 16 {
                continue;
            }
            let out = root.path().join(name);
            let exported = export(&dir, &out, options);
            assert_eq!(
                (exported.frames, exported.width, exported.height),
                (frames, width, height)
            );
            let Some(found) = probe(&out) else {
                continue;
            };
            assert_eq!(found["nb_read_frames"], frames.to_string(), "{name}");
            assert_eq!(
                [&found["width"], &found["height"]],
                [&width.to_string(), &height.to_string()]
            );
            assert_eq!(found["r_frame_rate"], rate, "{name}");
        }
    }
}

#[test]
fn pictures_and_their_sidecar_are_an_episode_again() {
    let (root, dir) = recorded();
    let out = root.path().join("pictures");
    let options = ExportOptions {
        actions: ShowActions::Sidecar,
        ..ExportOptions::default()
    };
    export(&dir, &out, options);
    for t in [0, 30, FRAMES - 1] {
        assert_eq!(
            read_png(&out.join(format!("{t:06}.png"))).unwrap(),
            small(t)
        );
    }
    let original = Episode::open(&dir).unwrap();
    let schema = fs::read(out.join("schema.ron")).unwrap();
    let schema: bvgdm_core::ActionSchema = ron::de::from_bytes(&schema).unwrap();
    assert_eq!(&schema, original.schema());
    let options = PicturesOptions {
        game: "test".to_owned(),
        fps: 20.0,
        size: None,
        fit: Fit::Stretch,
    };
    let episodes = root.path().join("episodes");
    import_pictures(&out, Some(&schema), &options, &episodes, &mut |_, _| {}).unwrap();
    let again = Episode::open(&episodes.join("pictures")).unwrap();
    assert_eq!(again.actions(), original.actions());
    assert_eq!(
        again.frames(0..FRAMES).unwrap(),
        original.frames(0..FRAMES).unwrap()
    );
}

#[test]
fn a_sidecar_has_a_line_a_frame_that_is_shown() {
    let (root, dir) = recorded();
    let out = root.path().join("play.gif");
    let options = ExportOptions {
        fps: Some(10.0),
        size: None,
        actions: ShowActions::Sidecar,
    };
    export(&dir, &out, options);
    let text = fs::read_to_string(root.path().join("play.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 25);
    // Frames 0 and 1 hold `forward` in the first, and turn by -1 and -2/3.
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["actions"]["forward"], 1.0);
    let yaw = first["actions"]["yaw"].as_f64().unwrap();
    assert!((yaw + 5.0 / 3.0).abs() < 1e-5, "{yaw}");
}

#[test]
fn a_part_of_an_episode_is_just_that() {
    let (root, dir) = recorded();
    let episode = Episode::open(&dir).unwrap();
    let out = root.path().join("part");
    let options = ExportOptions::default();
    export_episode(&episode, 17..43, &out, &options, &mut |_, _| {}).unwrap();
    assert_eq!(read_png(&out.join("000000.png")).unwrap(), small(17));
    assert_eq!(read_png(&out.join("000025.png")).unwrap(), small(42));
    assert!(!out.join("000026.png").exists());
    let beyond = export_episode(
        &episode,
        0..51,
        &root.path().join("b"),
        &options,
        &mut |_, _| {},
    );
    assert_names(beyond, &["frames 0..51"]);
}

#[test]
fn a_roll_out_is_exported_as_it_is_played() {
    let (root, dir) = recorded();
    let episode = Episode::open(&dir).unwrap();
    let recording = || Recording {
        width: WIDTH,
        height: HEIGHT,
        fps: 20.0,
        schema: episode.schema().clone(),
        actions: episode.actions().to_vec(),
    };
    let options = ExportOptions {
        size: Some((64, 48)),
        ..ExportOptions::default()
    };
    let out = root.path().join("play.mp4");
    let mut exporter = Exporter::create(&out, recording(), &options).unwrap();
    exporter.push(&small(0)).unwrap();
    assert_names(
        exporter.push(&crate::common::frame(1, 8, 8)),
        &["play.mp4", "frame 1", "16 x 12"],
    );
    assert_names(exporter.finish(), &["play.mp4", "frames", "50", "found 1"]);
    let mut exporter = Exporter::create(&out, recording(), &options).unwrap();
    (0..FRAMES).for_each(|t| exporter.push(&small(t)).unwrap());
    assert_eq!(exporter.finish().unwrap().frames, FRAMES);
    let info = VideoReader::open(&out, VideoDecoder::Native).unwrap();
    assert_eq!((info.info().width, info.info().times.len()), (64, FRAMES));

    let create = |recording, options: &ExportOptions| Exporter::create(&out, recording, options);
    let none = Recording {
        actions: vec![],
        ..recording()
    };
    assert_names(create(none, &options), &["frames", "at least one"]);
    let fps = |fps| ExportOptions {
        fps: Some(fps),
        ..options
    };
    assert_names(create(recording(), &fps(f64::NAN)), &["fps"]);
    let size = |size| ExportOptions {
        size: Some(size),
        ..options
    };
    assert_names(create(recording(), &size((0, 48))), &["size"]);
    assert_names(create(recording(), &size((1 << 40, 48))), &["size"]);
}
