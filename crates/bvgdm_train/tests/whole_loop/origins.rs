//! What a run may begin with: a world, somebody else's VAE, sizes of one's own.

use std::fs;
use std::path::Path;

use burn_flex::Flex;
use bvgdm_core::{TransformerConfig, VaeNetwork, WorldManifest};
use bvgdm_model::World;
use bvgdm_train::{DitTrainConfig, VaeTrainConfig, train_dit, train_vae};

use crate::recording::record;
use crate::{B, dit, optimiser, run};

/// A world trained further, to see less far back: its VAE as it was, its DiT not, and only on its own kind of
/// recording.
pub fn train_from(world: &Path, first: &World<Flex>, config: &DitTrainConfig, out: &Path) {
    let mut config = config.clone();
    (config.vae, config.run.from) = (None, Some(world.to_owned()));
    config.window = Some(2);
    config.run.mirror = vec!["action 2=action 3".into()];
    config.run.out = out.join("further");
    config.world = out.join("further.world.ron");
    train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap();
    let (second, manifest) = World::<Flex>::load(&config.world, &Default::default()).unwrap();
    assert_eq!(manifest.trained_on.dit_steps, 4);
    assert_eq!(manifest.trained_on.frames, 48);
    assert_eq!(manifest.trained_on.vae_steps, 4);
    assert_eq!(manifest.config.sampler.steps, 2);
    assert_eq!(
        (first.config.dit.window, manifest.config.dit.window),
        (8, 2)
    );
    let latent = first.starts.clone();
    let decoded = |world: &World<Flex>| world.vae.decode(latent.clone()).into_data();
    assert_eq!(decoded(&second), decoded(first), "the VAE is as it was");
    let weights = |world: &World<Flex>| world.dit.final_linear.weight.val().into_data();
    assert_ne!(weights(&second), weights(first), "the DiT is not");

    let mut other = WorldManifest::load(&config.world).unwrap();
    other.schema.actions[3].name = "somersault".into();
    other.save(&config.world).unwrap();
    config.run.from = Some(config.world.clone());
    config.world = out.join("other.world.ron");
    config.run.out = out.join("other actions");
    let error = train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("somersault"), "{error}");
}

/// A world of two passes learned by one of a single pass.
pub fn distil(world: &Path, config: &DitTrainConfig, out: &Path) {
    let mut config = config.clone();
    (config.vae, config.run.from) = (None, Some(world.to_owned()));
    (config.distil, config.sampler_steps, config.targets) = (true, Some(1), 1);
    config.run.out = out.join("fewer");
    config.world = out.join("fewer.world.ron");
    train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap();
    let teacher = WorldManifest::load(world).unwrap();
    let pupil = WorldManifest::load(&config.world).unwrap();
    let passes = [&teacher, &pupil].map(|manifest| manifest.config.sampler.steps);
    assert_eq!(passes, [2, 1]);
    assert_ne!(teacher.weights.sha256, pupil.weights.sha256);
    let kept = out.join("fewer/config.ron");
    assert!(fs::read_to_string(kept).unwrap().contains("distil: true"));
}

/// A world on top of somebody else's VAE, in diffusers' layout.
pub fn train_on_imported(name: &str, scale: f64, latent: [usize; 3], episodes: &Path, out: &Path) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let world = out.join(format!("{name}.world.ron"));
    let config = dit(episodes, out.join(name), fixtures.join(name), world.clone());
    train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap();
    let (world, manifest) = World::<Flex>::load(&world, &Default::default()).unwrap();
    let vae = &manifest.config.vae;
    assert_eq!((vae.latent_scale, vae.latent_shape()), (scale, latent));
    assert_eq!(world.starts.dims()[1..], latent);
    assert_eq!(manifest.trained_on.vae_steps, 0);
}

/// Sizes of one's own, from a file, for frames of a size of their own.
pub fn train_own_sizes(out: &Path) {
    let episodes = record(&out.join("wide episodes"), [96, 48]);
    let mut sizes = bvgdm_core::preset("arena").unwrap();
    let small = TransformerConfig {
        width: 32,
        depth: 1,
        heads: 2,
        rope_dims: 4,
    };
    if let VaeNetwork::Vit(vit) = &mut sizes.vae.network {
        (vit.encoder, vit.decoder) = (small.clone(), small);
    }
    (sizes.vae.width, sizes.vae.height) = (96, 48);
    (sizes.dit.width, sizes.dit.height) = (12, 6);
    (sizes.dit.hidden, sizes.dit.depth, sizes.dit.heads) = (32, 1, 2);
    let preset = out.join("small.ron");
    fs::write(&preset, ron::to_string(&sizes).unwrap()).unwrap();

    let mut first = run(&episodes, out.join("small vae"), false);
    first.preset = preset.display().to_string();
    let config = VaeTrainConfig {
        run: first.clone(),
        optimiser: optimiser(1, 1e-3),
        batch: 2,
        kl: 1e-4,
    };
    train_vae::<B>(&config, &Default::default(), &mut |_| {}).unwrap();
    let world = out.join("small.world.ron");
    let mut config = dit(&episodes, out.join("small dit"), first.out, world.clone());
    config.run.preset = first.preset;
    train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap();
    let (_, manifest) = World::<Flex>::load(&world, &Default::default()).unwrap();
    let (vae, dit) = (&manifest.config.vae, &manifest.config.dit);
    assert_eq!((vae.width, &vae.network), (96, &sizes.vae.network));
    assert_eq!((dit.hidden, dit.grid()), (32, [3, 6]));

    sizes.dit.hidden = 64;
    fs::write(&preset, ron::to_string(&sizes).unwrap()).unwrap();
    config.run.resume = true;
    let error = train_dit::<B>(&config, &Default::default(), &mut |_| {}).unwrap_err();
    let expected = "dit.hidden was 32 and is 64 now";
    assert!(error.to_string().contains(expected), "{error}");
}
