//! A world on disk: what was saved is loaded, and what is wrong is named.

use std::path::Path;

use burn::tensor::TensorData;
use bvgdm_core::{
    ActionSchema, ActionSpec, Cost, MANIFEST_VERSION, TrainedOn, WeightsFile, WorldManifest,
    preset, preset_names, sha256_hex,
};
use bvgdm_model::{TensorFile, TensorWriter, WeightsDtype, World, shapes};

use crate::{B, max_difference};

fn write(folder: &Path, bytes: &[u8]) -> std::path::PathBuf {
    let buttons = (0..9).map(|i| ActionSpec::button(format!("action {i}")));
    let manifest = WorldManifest {
        version: MANIFEST_VERSION,
        name: "test".into(),
        fps: 20.0,
        schema: ActionSchema::new(buttons).unwrap(),
        config: preset("arena").unwrap(),
        weights: WeightsFile {
            file: "test.safetensors".into(),
            bytes: bytes.len() as u64,
            sha256: sha256_hex(bytes),
        },
        trained_on: TrainedOn::default(),
        quality: Default::default(),
    };
    std::fs::write(folder.join("test.safetensors"), bytes).unwrap();
    let path = folder.join("test.world.ron");
    manifest.save(&path).unwrap();
    path
}

fn world() -> World<B> {
    World::new(&preset("arena").unwrap(), &Default::default()).unwrap()
}

fn refused(bytes: &[u8], named: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), bytes);
    let error = World::<B>::load(&path, &Default::default())
        .unwrap_err()
        .to_string();
    for named in named {
        assert!(error.contains(named), "{named} is not in: {error}");
    }
}

#[test]
fn what_was_saved_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let path = write(folder.path(), &world.to_bytes(WeightsDtype::F32).unwrap());
    let (loaded, _) = World::<B>::load(&path, &Default::default()).unwrap();
    let pixels = || burn::tensor::Tensor::<B, 4>::ones([1, 3, 64, 112], &world.device) * 0.3;
    let (a, b) = (
        world.vae.encode(pixels()).into_data(),
        loaded.vae.encode(pixels()).into_data(),
    );
    assert_eq!(
        max_difference(a.as_slice().unwrap(), b.as_slice().unwrap()),
        0.0
    );
}

#[test]
fn every_preset_has_the_parameters_that_are_counted_for_it() {
    // The large ones differ by their sizes only.
    for name in preset_names()
        .iter()
        .filter(|name| name.contains("arena") || name.contains("-S"))
    {
        let config = preset(name).unwrap();
        let world = World::<B>::new(&config, &Default::default()).unwrap();
        assert_eq!(
            world.parameters() as u64,
            Cost::of(&config).parameters(),
            "{name}"
        );
    }
}

#[test]
fn a_changed_or_cut_file_is_refused_before_it_is_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), &world().to_bytes(WeightsDtype::F16).unwrap());
    let weights = folder.path().join("test.safetensors");
    let mut bytes = std::fs::read(&weights).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&weights, &bytes).unwrap();
    let error = World::<B>::load(&path, &Default::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("SHA-256") && error.contains("test.safetensors"),
        "{error}"
    );
    std::fs::write(&weights, &bytes[..middle]).unwrap();
    let error = World::<B>::load(&path, &Default::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("size"), "{error}");
}

#[test]
fn missing_unexpected_and_misshaped_tensors_are_named() {
    let mut writer = TensorWriter::new(WeightsDtype::F32);
    let floats =
        |shape: &[usize]| TensorData::new(vec![0.5f32; shape.iter().product()], shape.to_vec());
    for (name, shape) in shapes("vae", &world().vae) {
        match name.as_str() {
            "vae.quant.bias" => writer.push(&name, floats(&[3])).unwrap(),
            "vae.dec_norm.gamma" => {}
            _ => writer.push(&name, floats(&shape)).unwrap(),
        }
    }
    writer.push("vae.surprise", floats(&[1])).unwrap();
    let named = [
        "vae.quant.bias: expected [32], found [3]",
        "vae.dec_norm.gamma",
        "missing",
    ];
    let bytes = writer.finish().unwrap();
    refused(&bytes, &named);
    refused(&bytes, &["vae.surprise: unexpected", "start.latents"]);
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let mut world = world();
    world.starts = world.starts * f32::NAN;
    refused(
        &world.to_bytes(WeightsDtype::F32).unwrap(),
        &["start.latents", "finite", "NaN"],
    );
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        if let Ok(file) = TensorFile::parse("x".as_ref(), &bytes) {
            file.check(&[]).ok();
        }
    }

    #[test]
    fn no_header_makes_the_reader_panic(length: u64, header in "[\\[\\]{}\":,a-z0-9_F]{0,200}") {
        let bytes = [&length.to_le_bytes()[..], header.as_bytes()].concat();
        TensorFile::parse("x".as_ref(), &bytes).ok();
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
        TensorFile::parse("x".as_ref(), &bytes).ok();
    }
}
