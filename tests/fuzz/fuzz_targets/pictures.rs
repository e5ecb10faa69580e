//! The `actions.jsonl` of a folder of pictures, of any bytes.
#![no_main]

use std::fs;

use bvgdm_data::import::{PicturesOptions, import_pictures};
use bvgdm_data::{Episode, Fit, write_png};
use bvgdm_fuzz::bounded;
use bvgdm_fuzz::common::{small, spec};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let root = tempfile::tempdir().unwrap();
    let (dir, out) = (root.path().join("x"), root.path().join("out"));
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("actions.jsonl"), bytes).unwrap();
    for t in 0..3 {
        write_png(&dir.join(format!("{t}.png")), &small(t)).unwrap();
    }
    let options = PicturesOptions {
        game: "x".to_owned(),
        fps: 20.0,
        size: None,
        fit: Fit::Stretch,
    };
    let schema = spec().schema;
    let import = || import_pictures(&dir, Some(&schema), &options, &out, &mut |_, _| {});
    if let Ok(imported) = bounded(1 << 20, import) {
        assert_eq!(imported.episodes, [(out.join("x"), 3)]);
        assert_eq!(Episode::open(&out.join("x")).unwrap().len(), 3);
    }
});
