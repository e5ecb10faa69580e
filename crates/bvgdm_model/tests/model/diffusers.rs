//! VAEs in diffusers' layout against what diffusers computed.

use std::path::Path;

use burn::tensor::Tensor;
use bvgdm_core::{
    ActionSchema, ActionSpec, Cost, MANIFEST_VERSION, TrainedOn, VaeNetwork, WeightsFile,
    WorldManifest, preset, sha256_hex,
};
use bvgdm_model::import::{diffusers_config, is_diffusers, load_diffusers_vae};
use bvgdm_model::{Vae, WeightsDtype, World};

use crate::fixtures::{Outputs, assert_near, fixture};
use crate::{B, max_difference};

fn vae(name: &str, size: [usize; 2]) -> Vae<B> {
    load_diffusers_vae(&fixture(name), size, &Default::default()).unwrap()
}

/// Pictures in diffusers' range [-1, 1] to ours.
fn pixels(io: &Outputs) -> Tensor<B, 4> {
    (io.tensor::<4>("image") + 1.0) * 0.5
}

fn kl_gives_what_the_original_gives(name: &str, size: [usize; 2]) {
    let (vae, io) = (vae(name, size), Outputs::read(name));
    let posterior = vae.posterior(pixels(&io));
    assert_near("mean", posterior.mean.clone(), &io.values("mean"));
    assert_near("logvar", posterior.logvar, &io.values("logvar"));
    let decoded = vae.decode_unscaled(posterior.mean) * 2.0 - 1.0;
    assert_near("decoded", decoded, &io.values("decoded"));
}

#[test]
fn kl_vae_gives_what_the_original_gives() {
    kl_gives_what_the_original_gives("sd_vae_tiny", [48, 32]);
}

#[test]
fn kl_vae_with_the_attention_s_old_names_gives_what_the_original_gives() {
    kl_gives_what_the_original_gives("sd_vae_tiny_old_names", [32, 32]);
}

#[test]
fn tiny_vae_gives_what_the_original_gives() {
    let (vae, io) = (vae("taesd_tiny", [48, 32]), Outputs::read("taesd_tiny"));
    let latents = vae.posterior(pixels(&io)).mean;
    assert_near("latents", latents.clone(), &io.values("latents"));
    let decoded = vae.decode_unscaled(latents) * 2.0 - 1.0;
    assert_near("decoded", decoded, &io.values("decoded"));
}

#[test]
fn latents_are_scaled_and_shifted_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    copy("sd_vae_tiny", folder.path());
    let config = folder.path().join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replace("\"shift_factor\": null", "\"shift_factor\": 0.25");
    std::fs::write(&config, text).unwrap();
    let vae: Vae<B> = load_diffusers_vae(folder.path(), [48, 32], &Default::default()).unwrap();
    let io = Outputs::read("sd_vae_tiny");
    let latents = vae.encode(pixels(&io));
    let expected: Vec<f32> = io
        .values("mean")
        .iter()
        .map(|x| (x - 0.25) * 0.18215)
        .collect();
    assert_near("latents", latents.clone(), &expected);
    let decoded = vae.decode(latents) * 2.0 - 1.0;
    assert_near("decoded", decoded, &io.values("decoded"));
}

#[test]
fn a_world_holds_such_a_vae_and_its_parameters_are_counted() {
    for (name, size) in [("sd_vae_tiny", [48, 32]), ("taesd_tiny", [48, 32])] {
        let mut config = preset("arena").unwrap();
        config.vae = diffusers_config(&fixture(name).join("config.json"), size).unwrap();
        let dit = &mut config.dit;
        [dit.channels, dit.height, dit.width] = config.vae.latent_shape();
        (dit.hidden, dit.depth) = (16, 1);
        let mut world = World::<B>::new(&config, &Default::default()).unwrap();
        world.vae = vae(name, size);
        let parameters = Cost::of(&config).parameters();
        assert_eq!(world.parameters() as u64, parameters, "{name}");

        let folder = tempfile::tempdir().unwrap();
        let path = save(&world, folder.path());
        let (loaded, manifest) = World::<B>::load(&path, &Default::default()).unwrap();
        assert_eq!(manifest.config.vae, *loaded.vae.config());
        let (a, b) = (latents(&world, name), latents(&loaded, name));
        assert_eq!(max_difference(&a, &b), 0.0, "{name}");
        match (&loaded.vae, &manifest.config.vae.network) {
            (Vae::Kl(_), VaeNetwork::Kl(_)) | (Vae::Tiny(_), VaeNetwork::Tiny(_)) => {}
            _ => panic!("{name} is another network now"),
        }
    }
}

fn latents(world: &World<B>, name: &str) -> Vec<f32> {
    let pixels = pixels(&Outputs::read(name));
    world.vae.encode(pixels).into_data().to_vec().unwrap()
}

fn save(world: &World<B>, folder: &Path) -> std::path::PathBuf {
    let bytes = world.to_bytes(WeightsDtype::F32).unwrap();
    std::fs::write(folder.join("kl.safetensors"), &bytes).unwrap();
    let buttons = (0..9).map(|i| ActionSpec::button(format!("action {i}")));
    let manifest = WorldManifest {
        version: MANIFEST_VERSION,
        name: "kl".into(),
        fps: 20.0,
        schema: ActionSchema::new(buttons).unwrap(),
        config: world.config.clone(),
        weights: WeightsFile {
            file: "kl.safetensors".into(),
            bytes: bytes.len() as u64,
            sha256: sha256_hex(&bytes),
        },
        trained_on: TrainedOn::default(),
        quality: Default::default(),
    };
    let path = folder.join("kl.world.ron");
    manifest.save(&path).unwrap();
    path
}

/// Configuration and weights of a fixture into a folder.
fn copy(name: &str, folder: &Path) {
    for file in ["config.json", "diffusion_pytorch_model.safetensors"] {
        std::fs::write(
            folder.join(file),
            std::fs::read(fixture(name).join(file)).unwrap(),
        )
        .unwrap();
    }
}

#[test]
fn what_is_wrong_in_a_folder_is_named() {
    let refused = |folder: &Path, size: [usize; 2], named: &[&str]| {
        let loaded = load_diffusers_vae::<B>(folder, size, &Default::default());
        let error = loaded.err().unwrap().to_string();
        for named in named {
            assert!(error.contains(named), "{named} is not in: {error}");
        }
    };
    let sd = fixture("sd_vae_tiny");
    refused(&sd, [47, 32], &["vae.width", "multiple", "47"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert!(!is_diffusers(path));
    copy("sd_vae_tiny", path);
    assert!(is_diffusers(path));
    let config = path.join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    let wider = text.replace("\"latent_channels\": 4", "\"latent_channels\": 8");
    std::fs::write(&config, wider).unwrap();
    let named = [
        "tensor quant_conv.weight: expected [16, 16, 1, 1], found [8, 8, 1, 1]",
        "tensor decoder.conv_in.weight: expected [32, 8, 3, 3]",
    ];
    refused(path, [48, 32], &named);
    let deeper = text.replace("\"layers_per_block\": 1", "\"layers_per_block\": 2");
    std::fs::write(&config, deeper).unwrap();
    let named = [
        "tensor encoder.down_blocks.0.resnets.1.conv1.weight",
        "missing",
    ];
    refused(path, [48, 32], &named);
    std::fs::write(&config, text).unwrap();
    std::fs::remove_file(path.join("diffusion_pytorch_model.safetensors")).unwrap();
    refused(path, [48, 32], &["diffusion_pytorch_model.safetensors"]);
}
