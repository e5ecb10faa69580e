//! An episode's `metadata.ron` of any bytes.
#![no_main]

use bvgdm_data::EpisodeMetadata;
use bvgdm_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(metadata) = bounded(1 << 20, || EpisodeMetadata::parse(bytes, "x".as_ref())) else {
        return;
    };
    let chunks = metadata.chunk_count();
    assert_eq!(metadata.files.len(), chunks + 1);
    let frames: usize = (0..chunks).map(|i| metadata.frames_in_chunk(i)).sum();
    assert_eq!(frames, metadata.frame_count);
});
