//! A safetensors file of any bytes, header and tensors.
#![no_main]

use bvgdm_model::TensorFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = TensorFile::parse("x".as_ref(), bytes) else {
        return;
    };
    let names: Vec<_> = file.names().map(str::to_owned).collect();
    for name in &names {
        file.floats(name).ok();
    }
    file.check(&[("a".to_owned(), vec![2])]).ok();
});
