//! Worlds with random weights, as burn modules and as files.

use std::sync::Arc;

use burn::module::{Module as _, ModuleMapper, Param};
use burn::tensor::{Distribution, Tensor};
use burn_flex::{Flex, FlexDevice};
use bvgdm_core::{
    ActionSchema, ActionSpec, Gelu, MANIFEST_VERSION, TrainedOn, TransformerConfig, VaeNetwork,
    VitConfig, WeightsFile, WorldConfig, WorldManifest, preset,
};
use bvgdm_model::{WeightsDtype, World};
use bvgdm_plan::Plan;

/// A world whose weights are zero nowhere.
pub fn random_world(change: impl Fn(&mut WorldConfig)) -> World<Flex> {
    let mut config = preset("arena").unwrap();
    change(&mut config);
    config.dit.channels = config.vae.channels;
    let [_, height, width] = config.vae.latent_shape();
    (config.dit.height, config.dit.width) = (height, width);
    let mut world = World::<Flex>::new(&config, &FlexDevice).unwrap();
    world.dit = world.dit.map(&mut Randomise);
    world.vae = world.vae.map(&mut Randomise);
    let shape = [3, config.vae.channels, height, width];
    world.starts = Tensor::random(shape, Distribution::Normal(0.0, 1.0), &FlexDevice);
    world
}

/// Arena's kinds of layers in sizes that are no multiple of any tile.
pub fn odd(config: &mut WorldConfig) {
    let (vae, dit) = (&mut config.vae, &mut config.dit);
    (vae.width, vae.height, vae.channels) = (40, 24, 4);
    (vae.latent_scale, vae.latent_shift) = (1.7, 0.2);
    let stack = |width, heads, depth| TransformerConfig {
        width,
        depth,
        heads,
        rope_dims: 4,
    };
    vae.network = VaeNetwork::Vit(VitConfig {
        patch: 4,
        encoder: stack(24, 2, 1),
        decoder: stack(36, 3, 2),
        mlp_ratio: 3.1,
        gelu: Gelu::Erf,
        rope_max_freq: 14.0,
    });
    (dit.hidden, dit.depth, dit.heads, dit.window) = (40, 2, 2, 3);
    dit.mlp_ratio = 2.35;
}

/// What differs from arena and from [`odd`] in kind: own adaLN, two MLPs, velocity, noisy context.
pub fn other(config: &mut WorldConfig) {
    odd(config);
    let dit = &mut config.dit;
    (dit.spatial_mlp, dit.shared_adaln) = (true, false);
    (dit.learned_positions, dit.see_previous) = (false, false);
    (dit.prediction, dit.patch, dit.window) = (bvgdm_core::Prediction::V, 1, 1);
    dit.gelu = Gelu::Tanh;
    if let VaeNetwork::Vit(vit) = &mut config.vae.network {
        vit.gelu = Gelu::Tanh;
    }
    config.schedule = bvgdm_core::ScheduleConfig::Cosine { offset: 0.008 };
    config.sampler.kind = bvgdm_core::SamplerKind::Ddim;
    (config.sampler.steps, config.sampler.noise_scale) = (3, 1.2);
    (config.sampler.context_level, config.sampler.context_noise) = (0.1, true);
}

/// The manifest and the weights file of a world.
pub fn files(world: &World<Flex>, dtype: WeightsDtype) -> (WorldManifest, Vec<u8>) {
    let bytes = world.to_bytes(dtype).unwrap();
    let actions = (0..world.config.dit.actions).map(|i| ActionSpec::button(format!("a{i}")));
    let manifest = WorldManifest {
        version: MANIFEST_VERSION,
        name: "random".into(),
        fps: 20.0,
        schema: ActionSchema::new(actions).unwrap(),
        config: world.config.clone(),
        weights: WeightsFile {
            file: "random.safetensors".into(),
            bytes: bytes.len() as u64,
            sha256: bvgdm_core::sha256_hex(&bytes),
        },
        trained_on: TrainedOn::default(),
        quality: Default::default(),
    };
    (manifest, bytes)
}

/// The plan of a world.
pub fn plan(world: &World<Flex>, dtype: WeightsDtype) -> Arc<Plan> {
    let (manifest, bytes) = files(world, dtype);
    let weights = bvgdm_plan::WeightsFile::parse(&manifest, &bytes).unwrap();
    Arc::new(Plan::new(&manifest, &weights).unwrap())
}

struct Randomise;

impl ModuleMapper<Flex> for Randomise {
    fn map_float<const D: usize>(
        &mut self,
        param: Param<Tensor<Flex, D>>,
    ) -> Param<Tensor<Flex, D>> {
        param.map(|tensor| {
            // Of about unit gain, whatever the number of inputs.
            let inputs = tensor.dims()[0] as f64;
            let spread = if D == 1 { 0.3 } else { 1.0 / inputs.sqrt() };
            tensor.random_like(Distribution::Normal(0.0, spread))
        })
    }
}
