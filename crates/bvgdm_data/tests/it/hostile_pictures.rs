//! Damaged pictures, their `actions.jsonl` and the schema beside them: an error that names the file or
//! something sound, never memory for a size that was only claimed.

use std::fs;
use std::path::Path;

use bvgdm_core::Frame;
use bvgdm_data::import::{Bindings, PicturesOptions, import_pictures};
use bvgdm_data::{Episode, Fit, Result, read_png, write_png};
use proptest::prelude::*;

use crate::allocation::largest_of;
use crate::common::{assert_names, small, spec};

/// For small files: a few times what they hold and what the decoder always needs.
const MOST_BYTES: usize = 1 << 18;
/// The largest picture, with transparency.
const LARGEST_PICTURE: usize = Frame::MAX_SIDE * Frame::MAX_SIDE * 4;

const SCHEMA: &str = r#"[
    (name: "forward", kind: Button),
    (name: "fire", kind: Button, from: [MouseButton(0), Key("left.control"), Hotbar(3), Gui]),
    (name: "yaw", kind: Axis(min: -20, max: 20), from: [MouseX(0.15), MouseY(-1e-3)]),
]"#;

const LINES: &str = r#"{"frame":0,"actions":{"forward":1,"yaw":-2.5}}
{"frame":1,"actions":{}}
{"frame":2,"actions":{"yaw":1e1}}
"#;

/// Bytes put somewhere into a file, and a cut.
fn damage() -> impl Strategy<Value = Damage> {
    let change = (any::<prop::sample::Index>(), any::<u8>());
    let changes = prop::collection::vec(change, 1..6);
    (changes, any::<Option<prop::sample::Index>>())
        .prop_map(|(changes, cut)| Damage { changes, cut })
}

#[derive(Debug)]
struct Damage {
    changes: Vec<(prop::sample::Index, u8)>,
    cut: Option<prop::sample::Index>,
}

impl Damage {
    fn of(&self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        for (at, value) in &self.changes {
            bytes[at.index(whole.len())] = *value;
        }
        bytes.truncate(self.cut.map_or(whole.len(), |cut| cut.index(whole.len())));
        bytes
    }
}

/// Imports three pictures with these lines.
fn import(lines: &[u8]) -> Result<()> {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("walk");
    fs::create_dir(&dir).unwrap();
    for t in 0..3 {
        write_png(&dir.join(format!("{t}.png")), &small(t)).unwrap();
    }
    fs::write(dir.join("actions.jsonl"), lines).unwrap();
    let options = PicturesOptions {
        game: "walk".to_owned(),
        fps: 20.0,
        size: None,
        fit: Fit::Stretch,
    };
    let (out, schema) = (root.path().join("out"), spec().schema);
    let import = || import_pictures(&dir, Some(&schema), &options, &out, &mut |_, _| {});
    let (result, largest) = largest_of(import);
    assert!(largest < MOST_BYTES, "{largest} bytes at once");
    result?;
    let episode = Episode::open(&out.join("walk"))?;
    assert_eq!(episode.actions().len(), 3);
    Ok(())
}

#[test]
fn lines_of_another_kind_or_number_are_named() {
    import(LINES.as_bytes()).unwrap();
    for (from, to, part) in [
        ("\"yaw\":-2.5", "\"yaw\":NaN", "line 1"),
        ("\"yaw\":-2.5", "\"yaw\":-1e300", "line 1"),
        ("\"yaw\":-2.5", "\"yaw\":\"far\"", "line 1: actions.yaw"),
        ("forward", "../forward", "../forward"),
        ("\"frame\":2", "\"frame\":18446744073709551616", "line 3"),
        ("{\"frame\":1,\"actions\":{}}\n", "", "line 2: frame"),
        ("{\"frame\":2,\"actions\":{\"yaw\":1e1}}\n", "", "lines"),
    ] {
        let lines = LINES.replace(from, to);
        assert_names(import(lines.as_bytes()), &["actions.jsonl", part]);
    }
}

#[test]
fn a_picture_that_is_only_claimed_to_be_large_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.png");
    write_png(&path, &small(0)).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // IHDR's width follows the signature (8), its own length (4) and name (4).
    bytes[16..20].copy_from_slice(&1_000_000_000_u32.to_be_bytes());
    fs::write(&path, bytes).unwrap();
    let (result, largest) = largest_of(|| read_png(&path));
    assert_names(result, &["a.png"]);
    assert!(largest < MOST_BYTES, "{largest} bytes at once");
}

proptest! {
    #[test]
    fn a_damaged_picture(damage in damage()) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.png");
        write_png(&path, &small(0)).unwrap();
        fs::write(&path, damage.of(&fs::read(&path).unwrap())).unwrap();
        let (result, largest) = largest_of(|| read_png(&path));
        prop_assert!(largest <= LARGEST_PICTURE, "{largest} bytes at once");
        match result {
            Ok(frame) => prop_assert_eq!(frame.rgb.len(), frame.width * frame.height * 3),
            Err(error) => prop_assert!(error.to_string().contains("a.png"), "{error}"),
        }
    }

    #[test]
    fn damaged_lines(damage in damage()) {
        if let Err(error) = import(&damage.of(LINES.as_bytes())) {
            prop_assert!(error.to_string().contains("actions.jsonl"), "{error}");
        }
    }

    #[test]
    fn a_damaged_schema(damage in damage()) {
        let bytes = damage.of(SCHEMA.as_bytes());
        let (result, largest) = largest_of(|| Bindings::parse(&bytes, Path::new("my.ron")));
        prop_assert!(largest < MOST_BYTES, "{largest} bytes at once");
        match result {
            Ok(bindings) => bindings.schema().validate().unwrap(),
            Err(error) => prop_assert!(error.to_string().contains("my.ron"), "{error}"),
        }
    }
}
