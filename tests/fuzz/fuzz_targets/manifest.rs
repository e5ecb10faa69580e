//! A manifest of any bytes; the networks of a valid one are laid out, but get no numbers.
#![no_main]

use burn_flex::Flex;
use bvgdm_core::{Cost, WorldManifest};
use bvgdm_fuzz::bounded;
use bvgdm_model::{Dit, Vae, shapes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = bounded(1 << 20, || WorldManifest::parse(bytes)) else {
        return;
    };
    let config = &manifest.config;
    Cost::of(config).play(config, config.sampler.steps);
    let device = Default::default();
    shapes("vae", &Vae::<Flex>::new(&config.vae, &device));
    shapes("dit", &Dit::<Flex>::new(&config.dit, &device));
});
