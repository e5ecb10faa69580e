//! Files that are no worlds: each stops with a reason, and the rest of the scene goes on.

use std::fs;
use std::path::Path;

use bevy::prelude::*;
use bvgdm::{NeuralWorld, WorldCommand, WorldStatus};

use super::game::{FRAME, failure, game, log, newest, pictures, spawn, until};
use super::worlds::{write_changed, write_world};

/// Replaces text of a manifest that is already there.
fn rewrite(folder: &Path, name: &str, from: &str, to: &str) {
    let path = folder.join(format!("{name}.world.ron"));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

fn cut(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

#[test]
fn bad_worlds_say_what_is_wrong_and_the_game_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Name of a world, and what its error has to say.
    let mut bad: Vec<(&str, &[&str])> = Vec::new();
    let mut expect = |name, words| bad.push((name, words));

    expect("missing", &["missing.world.ron"]);

    write_world(folder, "foreign");
    fs::write(folder.join("foreign.world.ron"), b"\x89PNG\r\n").unwrap();
    expect("foreign", &["foreign.world.ron"]);

    write_world(folder, "cut_manifest");
    cut(&folder.join("cut_manifest.world.ron"));
    expect("cut_manifest", &["cut_manifest.world.ron"]);

    for (name, from, to, words) in [
        (
            "version",
            "version: 1",
            "version: 9",
            &["version: expected 1, found 9"] as &[&str],
        ),
        ("fps", "fps: 20.0", "fps: NaN", &["fps", "NaN"]),
        ("heads", "heads: 4", "heads: 0", &["heads", "found 0"]),
        (
            "channels",
            "channels: 16",
            "channels: 1000000000",
            &["channels", "1000000000"],
        ),
        (
            "escape",
            "file: \"escape.",
            "file: \"../escape.",
            &["weights.file"],
        ),
        // Valid by itself, and larger than any memory.
        (
            "absurd",
            "hidden: 240",
            "hidden: 8192",
            &["tensor dit.", "expected [8192"],
        ),
    ] {
        write_world(folder, name);
        rewrite(folder, name, from, to);
        expect(name, words);
    }

    write_world(folder, "no_weights");
    fs::remove_file(folder.join("no_weights.safetensors")).unwrap();
    expect("no_weights", &["no_weights.safetensors"]);

    write_world(folder, "cut_weights");
    cut(&folder.join("cut_weights.safetensors"));
    expect("cut_weights", &["cut_weights.safetensors", "size"]);

    write_world(folder, "long_weights");
    let path = folder.join("long_weights.safetensors");
    let weights = fs::OpenOptions::new().append(true).open(path).unwrap();
    let len = weights.metadata().unwrap().len();
    weights.set_len(len + 1000).unwrap();
    // No more was read than one byte above what the manifest says.
    let words = &["long_weights.safetensors: size", "at most", "found more"];
    expect("long_weights", words);

    write_world(folder, "flipped");
    let path = folder.join("flipped.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    expect("flipped", &["flipped.safetensors", "SHA-256"]);

    let nan = |numbers: &mut [u8]| numbers[2000..2002].copy_from_slice(&0x7e00_u16.to_le_bytes());
    write_changed(folder, "nan", |_| {}, nan);
    expect("nan", &["tensor", "finite"]);

    let other = |manifest: &mut bvgdm_core::WorldManifest| manifest.config.dit.depth = 5;
    write_changed(folder, "mis_shaped", other, |_| {});
    expect("mis_shaped", &["tensor dit.", "unexpected"]);

    // The largest finite number, everywhere.
    let huge = |numbers: &mut [u8]| {
        numbers
            .chunks_exact_mut(2)
            .for_each(|n| n.copy_from_slice(&0x7bff_u16.to_le_bytes()));
    };
    write_changed(folder, "huge", |_| {}, huge);
    expect("huge", &["frame", "finite"]);

    write_world(folder, "good");
    let mut app = game(folder, FRAME);
    let good = spawn(&mut app, "good", default());
    let worlds: Vec<_> = bad
        .iter()
        .map(|(name, words)| (*name, *words, spawn(&mut app, name, default())))
        .collect();
    for (name, words, world) in worlds {
        until(&mut app, |app| failure(app, world).is_some());
        let reason = failure(&app, world).unwrap();
        for word in words {
            assert!(
                reason.contains(word),
                "{name}: {word:?} is not in: {reason}"
            );
        }
        let status = app.world().get::<WorldStatus>(world).unwrap();
        assert_eq!(status, &WorldStatus::Failed(reason.to_owned()));
    }
    let before = pictures(&app, good).len();
    until(&mut app, |app| pictures(app, good).len() > before + 3);
}

#[test]
fn a_reset_reads_the_files_of_a_world_that_has_failed_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let weights = folder.join("a.safetensors");
    write_world(folder, "a");
    fs::remove_file(&weights).unwrap();
    let mut app = game(folder, FRAME);
    let world = spawn(&mut app, "a", default());
    let reset = WorldCommand::Reset { world, seed: 3 };
    let reasons = |app: &App| -> Vec<String> {
        let failed = log(app).failed.iter();
        failed.map(|failed| failed.reason.clone()).collect()
    };
    until(&mut app, |app| reasons(app).len() == 1);

    // Wrong in another way.
    write_world(folder, "a");
    cut(&weights);
    app.world_mut().write_message(reset.clone());
    until(&mut app, |app| reasons(app).len() == 2);
    let found = reasons(&app);
    assert!(
        !found[0].contains("size") && found[1].contains("size"),
        "{found:?}"
    );

    write_world(folder, "a");
    app.world_mut().write_message(reset);
    until(&mut app, |app| newest(app) > 1);
    assert_eq!(reasons(&app).len(), 2);
}

#[test]
fn a_target_that_all_the_scene_shows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "a");
    let mut app = game(folder.path(), FRAME);
    let world = spawn(&mut app, "a", default());
    app.world_mut()
        .get_mut::<NeuralWorld>(world)
        .unwrap()
        .target = Handle::default();
    until(&mut app, |app| failure(app, world).is_some());
    let reason = failure(&app, world).unwrap();
    assert!(reason.contains("an image of the game's own"), "{reason}");
}
