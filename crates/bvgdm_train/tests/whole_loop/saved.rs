//! What a run leaves to those who play.

use std::path::Path;

use burn::module::Module as _;
use burn::record::{FullPrecisionSettings, NamedMpkFileRecorder, Recorder as _};
use burn_flex::Flex;
use bvgdm_data::Dataset;
use bvgdm_model::{Dit, World};
use bvgdm_train::FrameStore;

/// The weights that play are the run's averaged ones, rounded to f16, not those of its last step.
pub fn world_has_the_average(world: &World<Flex>, run: &Path) {
    let device = Default::default();
    let of = |name: &str| {
        let path = run.join("checkpoint-0000002").join(name);
        let recorder = NamedMpkFileRecorder::<FullPrecisionSettings>::new();
        let record = recorder.load(path, &device).unwrap();
        let dit = Dit::<Flex>::new(&world.config.dit, &device).load_record(record);
        dit.final_linear.weight.val()
    };
    let off = |name: &str| {
        let off = of(name) - world.dit.final_linear.weight.val();
        off.abs().max().into_scalar()
    };
    let (average, last) = (off("ema"), off("model"));
    assert!(average * 10.0 < last, "{average} {last}");
}

/// The DiT's noise has a deviation of one, and so have the latents it is added to.
pub fn latents_deviate_by_one(world: &World<Flex>, episodes: &Path) {
    let dataset = Dataset::open(episodes).unwrap();
    let frames = FrameStore::read(&dataset, &[0], &world.config.vae, &mut |_| {}).unwrap();
    let all: Vec<usize> = (0..frames.len()).collect();
    let latents = world.vae.encode(frames.batch(&all, &Default::default()));
    let deviation = latents.flatten::<1>(0, 3).var_bias(0).sqrt().into_scalar();
    assert!((deviation - 1.0).abs() < 0.05, "{deviation}");
    let scale = world.config.vae.latent_scale;
    assert!((scale - 1.0).abs() > 0.1, "{scale} would be one by itself");
}
