//! An MP4 of any bytes, decoded to its end by what is built in.
#![no_main]

use bvgdm_data::Result;
use bvgdm_data::video::{VideoDecoder, VideoReader};
use bvgdm_fuzz::{bounded, file};
use libfuzzer_sys::fuzz_target;

/// The largest picture.
const MOST_BYTES: usize = 4096 * 4096 * 3;

fn read(path: &std::path::Path) -> Result<()> {
    let mut reader = VideoReader::open(path, VideoDecoder::Native)?;
    let mut count = 0;
    while let Some(frame) = reader.next_frame()? {
        let info = reader.info();
        assert_eq!((frame.width, frame.height), (info.width, info.height));
        count += 1;
    }
    assert_eq!(count, reader.info().times.len());
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let (_folder, path) = file("x.mp4", bytes);
    bounded(MOST_BYTES, || read(&path)).ok();
});
