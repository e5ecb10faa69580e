//! A picture of any bytes.
#![no_main]

use bvgdm_core::Frame;
use bvgdm_data::read_png;
use bvgdm_fuzz::{bounded, file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (_folder, path) = file("x.png", bytes);
    let most = Frame::MAX_SIDE * Frame::MAX_SIDE * 4;
    if let Ok(frame) = bounded(most, || read_png(&path)) {
        assert_eq!(frame.rgb.len(), frame.width * frame.height * 3);
    }
});
