//! Counter-Strike recordings in HDF5.

use std::fs;
use std::path::Path;

use bvgdm_data::import::{CSGO_FPS, PicturesOptions, csgo_schema, import_csgo};
use bvgdm_data::{Episode, Fit};
use hdf5_pure::FileBuilder;
use proptest::prelude::*;

use crate::allocation::largest_of;
use crate::common::{assert_names, frame};

fn options() -> PicturesOptions {
    PicturesOptions {
        game: "cs".to_owned(),
        fps: CSGO_FPS,
        size: None,
        fit: Fit::Stretch,
    }
}

/// Three frames of 15 x 9 pixels; `values` numbers an action.
fn write(file: &Path, values: usize) {
    let mut builder = FileBuilder::new();
    for t in 0..3 {
        let mut bgr = frame(t * 9, 15, 9).rgb;
        bgr.chunks_mut(3).for_each(<[u8]>::reverse);
        let picture = builder.create_dataset(&format!("frame_{t}_x"));
        picture.with_u8_data(&bgr).with_shape(&[9, 15, 3]);
        let mut action = vec![0_u8; values];
        // Forward and the left button, 10 to the right, 2 up.
        for set in [0, 11, 13 + 14, 36 + 6] {
            action[set] = 1;
        }
        let action_set = builder.create_dataset(&format!("frame_{t}_y"));
        action_set
            .with_u8_data(&action)
            .with_shape(&[values as u64]);
    }
    builder.write(file).unwrap();
}

#[test]
fn pictures_and_the_51_values_become_an_episode() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("cs 1.hdf5");
    write(&file, 51);
    import_csgo(&file, &options(), root.path(), &mut |_, _| {}).unwrap();
    let episode = Episode::open(&root.path().join("cs 1")).unwrap();
    assert_eq!((episode.len(), episode.metadata().fps), (3, 16.0));
    assert_eq!(episode.frames(1..2).unwrap()[0], frame(9, 15, 9));
    assert_eq!(episode.schema(), &csgo_schema());
    let held = |name| episode.actions()[2].0[episode.schema().index_of(name).unwrap()];
    assert_eq!(["forward", "attack", "zoom"].map(held), [1.0, 1.0, 0.0]);
    assert_eq!(["mouseX", "mouseY"].map(held), [10.0, -2.0]);
}

#[test]
fn another_layout_is_named() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("cs.hdf5");
    let import = || import_csgo(&file, &options(), root.path(), &mut |_, _| {});
    write(&file, 60);
    assert_names(import(), &["cs.hdf5", "frame_0_y", "[51]", "[60]"]);
    let mut builder = FileBuilder::new();
    let set = builder.create_dataset("frame_0_x");
    set.with_u8_data(&[0; 12]).with_shape(&[12]);
    builder.write(&file).unwrap();
    assert_names(import(), &["cs.hdf5", "frame_0_x", "[rows, pixels, 3]"]);
    fs::write(&file, "no HDF5").unwrap();
    assert_names(import(), &["cs.hdf5"]);
}

proptest! {
    #[test]
    fn a_damaged_recording(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("cs.hdf5");
        write(&file, 51);
        let mut bytes = fs::read(&file).unwrap();
        let len = bytes.len();
        for (at, value) in changes {
            bytes[at.index(len)] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(len));
        }
        fs::write(&file, bytes).unwrap();
        let import = || import_csgo(&file, &options(), root.path(), &mut |_, _| {});
        let (result, largest) = largest_of(import);
        // The largest picture that a frame may be, and no more.
        prop_assert!(largest <= 64 << 20, "{largest} bytes at once");
        if let Err(error) = result {
            prop_assert!(error.to_string().contains("cs"), "{error}");
        }
    }
}
