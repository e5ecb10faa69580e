//! An episode's `actions.jsonl` of any bytes.
#![no_main]

use bvgdm_data::Episode;
use bvgdm_fuzz::common::forge;
use bvgdm_fuzz::{bounded, episode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let dir = episode();
    forge(dir, "actions.jsonl", bytes);
    if let Ok(episode) = bounded(1 << 20, || Episode::open(dir)) {
        assert_eq!(episode.actions().len(), episode.len());
        let sound = |action| episode.schema().check(action).is_ok();
        assert!(episode.actions().iter().all(sound));
    }
});
