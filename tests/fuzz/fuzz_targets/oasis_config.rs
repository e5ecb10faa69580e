//! The `config.json` of an Oasis of any bytes.
#![no_main]

use bvgdm_core::Cost;
use bvgdm_fuzz::bounded;
use bvgdm_model::import::parse_oasis_config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(config) = bounded(1 << 20, || parse_oasis_config("x".as_ref(), bytes)) {
        Cost::of(&config).play(&config, config.sampler.steps);
    }
});
