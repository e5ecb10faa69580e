//! A safetensors file of any bytes, header and tensors.
#![no_main]

use bvgdm_fuzz::bounded;
use bvgdm_model::TensorFile;
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8]) {
    let Ok(file) = TensorFile::parse("x".as_ref(), bytes) else {
        return;
    };
    let names: Vec<_> = file.names().map(str::to_owned).collect();
    for name in &names {
        file.floats(name).ok();
    }
    file.check(&[("a".to_owned(), vec![2])]).ok();
}

fuzz_target!(|bytes: &[u8]| {
    // Halves become f32, and a header's names and shapes stand in a map.
    bounded(16 * bytes.len() + (64 << 10), || read(bytes));
});
