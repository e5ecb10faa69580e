//! A log of keys and mouse of any bytes, beside a video of four frames.
#![no_main]

use bvgdm_data::import::{Bindings, Clip, ImportOptions, import_clip};
use bvgdm_data::video::VideoDecoder;
use bvgdm_data::{Episode, Fit};
use bvgdm_fuzz::{bounded, file};
use libfuzzer_sys::fuzz_target;

const VIDEO: &[u8] = include_bytes!("../seeds/mp4/baseline.mp4");

fuzz_target!(|bytes: &[u8]| {
    let (folder, log) = file("x.jsonl", bytes);
    let video = folder.path().join("x.mp4");
    std::fs::write(&video, VIDEO).unwrap();
    let clip = Clip {
        name: "x".to_owned(),
        video,
        log: Some(log),
    };
    let options = ImportOptions {
        game: "x".to_owned(),
        fps: None,
        size: None,
        fit: Fit::Stretch,
        skip_gui: true,
        skip_idle: bytes.len() % 2 == 1,
        decoder: VideoDecoder::Native,
    };
    let bindings = Bindings::oasis();
    let import = || {
        import_clip(
            &clip,
            Some(&bindings),
            &options,
            folder.path(),
            &mut |_, _| {},
        )
    };
    if let Ok(imported) = bounded(1 << 20, import) {
        for (dir, frames) in imported.episodes {
            assert_eq!(Episode::open(&dir).unwrap().len(), frames);
        }
    }
});
