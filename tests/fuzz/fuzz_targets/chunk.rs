//! A chunk of an episode's frames, of any bytes.
#![no_main]

use bvgdm_data::Episode;
use bvgdm_fuzz::common::forge;
use bvgdm_fuzz::{bounded, episode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let dir = episode();
    forge(dir, "frames/000000.chunk", bytes);
    let episode = Episode::open(dir).unwrap();
    if let Ok(frames) = bounded(1 << 20, || episode.frames(0..20)) {
        assert_eq!(frames.len(), 20);
    }
});
