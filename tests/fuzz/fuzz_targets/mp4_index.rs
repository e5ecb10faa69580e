//! An MP4 of any bytes, as far as its first picture: boxes, sample tables and parameter sets.
#![no_main]

use bvgdm_data::video::{VideoDecoder, VideoReader};
use bvgdm_fuzz::{bounded, file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (_folder, path) = file("x.mp4", bytes);
    // The index is as large as the file at most; samples, of a byte at least, are listed twice.
    let most = 64 * bytes.len() + (64 << 10);
    let Ok(reader) = bounded(most, || VideoReader::open(&path, VideoDecoder::Native)) else {
        return;
    };
    let info = reader.info();
    assert!(info.fps > 0.0 && info.times.is_sorted());
    assert!((1..=bytes.len()).contains(&info.times.len()));
});
