//! An HDF5 file of any bytes.
#![no_main]

use bvgdm_data::import::{CSGO_FPS, PicturesOptions, import_csgo};
use bvgdm_data::{Episode, Fit};
use bvgdm_fuzz::{bounded, file};
use libfuzzer_sys::fuzz_target;

/// The largest picture.
const MOST_BYTES: usize = 4096 * 4096 * 3;

fuzz_target!(|bytes: &[u8]| {
    let (folder, path) = file("x.hdf5", bytes);
    let options = PicturesOptions {
        game: "x".to_owned(),
        fps: CSGO_FPS,
        size: Some((16, 12)),
        fit: Fit::Stretch,
    };
    let import = || import_csgo(&path, &options, folder.path(), &mut |_, _| {});
    if let Ok(imported) = bounded(MOST_BYTES, import) {
        let [(dir, frames)] = imported.episodes.as_slice() else {
            panic!("not one episode");
        };
        assert_eq!(Episode::open(dir).unwrap().len(), *frames);
    }
});
