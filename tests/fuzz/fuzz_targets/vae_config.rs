//! diffusers' `config.json` of any bytes; the network of a valid one is laid out and counted.
#![no_main]

use burn_flex::Flex;
use bvgdm_core::Cost;
use bvgdm_fuzz::bounded;
use bvgdm_model::import::parse_diffusers_config;
use bvgdm_model::{Vae, shapes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let parse = || parse_diffusers_config("x".as_ref(), bytes, [640, 384]);
    let Ok(config) = bounded(1 << 20, parse) else {
        return;
    };
    let [encoder, decoder] = Cost::of_vae(&config);
    let tensors = shapes("vae", &Vae::<Flex>::new(&config, &Default::default()));
    let numbers = tensors
        .iter()
        .map(|(_, shape)| shape.iter().product::<usize>());
    assert_eq!(
        numbers.sum::<usize>() as u64,
        encoder.parameters + decoder.parameters
    );
});
