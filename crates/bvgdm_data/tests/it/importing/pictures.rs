//! Folders of pictures, and pictures of another size.

use super::*;

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
        skip("there is no ffmpeg");
        return;
    };
    let frames = episode.frames(0..60).unwrap();
    let ours: Vec<u8> = frames.iter().flat_map(|f| f.rgb.iter().copied()).collect();
    let psnr = psnr(&ours, &output.stdout);
    assert!(psnr > 38.0, "{psnr:.1} dB");
}
