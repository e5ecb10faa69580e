//! A schema with its sources, of any bytes.
#![no_main]

use bvgdm_data::import::Bindings;
use bvgdm_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bindings) = bounded(1 << 20, || Bindings::parse(bytes, "x".as_ref())) {
        bindings.schema().validate().unwrap();
    }
});
