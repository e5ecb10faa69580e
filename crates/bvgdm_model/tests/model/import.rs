//! Import of Oasis: what it writes, and what it refuses.

use std::path::Path;

use burn::tensor::TensorData;
use bvgdm_core::{WorldConfig, WorldManifest, preset};
use bvgdm_model::import::{OasisFiles, import_oasis, oasis_config};
use bvgdm_model::{TensorFile, TensorWriter, WeightsDtype, World, shapes};

use crate::B;
use crate::fixtures::fixture;

fn config() -> WorldConfig {
    oasis_config(Some(&fixture("oasis_tiny/config.json"))).unwrap()
}

fn files(folder: &Path) -> OasisFiles {
    OasisFiles {
        dit: fixture("oasis_tiny/dit.safetensors"),
        vae: fixture("oasis_tiny/vae.safetensors"),
        out: folder.join("tiny.world.ron"),
    }
}

/// A copy of a safetensors file with changed names, shapes and numbers; `None` leaves one out.
fn rewrite(
    from: &Path,
    to: &Path,
    change: impl Fn(&str, &mut Vec<usize>, &mut Vec<f32>) -> Option<String>,
) {
    let file = TensorFile::open(from).unwrap();
    let mut writer = TensorWriter::new(WeightsDtype::F32);
    for name in file.names() {
        let (mut shape, mut floats) = (file.shape(name).unwrap(), file.floats(name).unwrap());
        if let Some(name) = change(name, &mut shape, &mut floats) {
            writer.push(&name, TensorData::new(floats, shape)).unwrap();
        }
    }
    std::fs::write(to, writer.finish().unwrap()).unwrap();
}

fn refused(files: &OasisFiles, named: &[&str]) {
    let error = import_oasis(files, &config(), WeightsDtype::F32)
        .unwrap_err()
        .to_string();
    for named in named {
        assert!(error.contains(named), "{named} is not in: {error}");
    }
    assert!(!files.out.exists(), "nothing is written: {error}");
    let left = std::fs::read_dir(files.out.parent().unwrap()).unwrap();
    let temporary = left
        .flatten()
        .any(|f| f.path().extension() == Some("tmp".as_ref()));
    assert!(!temporary, "no temporary file stays: {error}");
}

#[test]
fn the_world_has_the_25_actions_and_our_tensors_in_half_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let written = import_oasis(&files, &config(), WeightsDtype::F16).unwrap();
    let (world, manifest) = World::<B>::load(&files.out, &Default::default()).unwrap();
    assert_eq!(manifest, written);
    let schema = &manifest.schema;
    assert_eq!((schema.len(), manifest.fps), (25, 20.0));
    assert_eq!(schema.names().nth(15), Some("cameraX"));
    let numbers = world.parameters() as u64 + 4 * 6 * 8;
    let bytes = manifest.weights.bytes;
    assert!(
        (2 * numbers..2 * numbers + 20_000).contains(&bytes),
        "{bytes} bytes"
    );
}

#[test]
fn the_preset_s_tensors_are_those_of_our_networks() {
    // The tiny fixture's world loads, so names agree; these are the published sizes. No number of
    // these networks is ever made.
    let config = preset("oasis").unwrap();
    let vae = bvgdm_model::Vae::<B>::new(&config.vae, &Default::default());
    let dit = bvgdm_model::Dit::<B>::new(&config.dit, &Default::default());
    let (vae, dit) = (shapes("vae", &vae), shapes("dit", &dit));
    assert_eq!((vae.len(), dit.len()), (228, 300));
    let count = |list: &[(String, Vec<usize>)]| -> usize {
        list.iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum()
    };
    assert_eq!(count(&vae) + count(&dit), 229_246_160 + 607_943_792 - 48);
}

#[test]
fn converters_prefixes_and_a_missing_rope_table_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = files(folder.path());
    let plain = import_oasis(&files, &config(), WeightsDtype::F32).unwrap();
    let dit = folder.path().join("prefixed.safetensors");
    rewrite(&files.dit, &dit, |name, _, _| {
        (!name.ends_with("freqs")).then(|| format!("module.model.{name}"))
    });
    files.dit = dit;
    let prefixed = import_oasis(&files, &config(), WeightsDtype::F32).unwrap();
    assert_eq!(plain.weights.sha256, prefixed.weights.sha256);
}

#[test]
fn all_that_is_wrong_in_both_files_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = files(folder.path());
    let (dit, vae) = (
        folder.path().join("d.safetensors"),
        folder.path().join("v.safetensors"),
    );
    rewrite(&files.dit, &dit, |name, shape, _| match name {
        "external_cond.bias" => None,
        "x_embedder.proj.weight" => {
            *shape = vec![64, 16];
            Some(name.to_owned())
        }
        "final_layer.linear.bias" => Some("surprise".to_owned()),
        _ => Some(name.to_owned()),
    });
    rewrite(&files.vae, &vae, |name, _, _| {
        (name != "encoder.0.attn.qkv.bias").then(|| name.to_owned())
    });
    (files.dit, files.vae) = (dit, vae);
    let named = [
        "d.safetensors",
        "tensor external_cond.bias: expected [64], is missing",
        "tensor x_embedder.proj.weight: expected [64, 4, 2, 2], found [64, 16]",
        "tensor final_layer.linear.bias: expected [16], is missing",
        "tensor surprise: unexpected",
        "v.safetensors",
        "tensor encoder.0.attn.qkv.bias: expected [192], is missing",
    ];
    refused(&files, &named);
}

#[test]
fn numbers_and_frequencies_that_cannot_be_right_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = files(folder.path());
    let source = files.dit.clone();
    files.dit = folder.path().join("d.safetensors");
    let change = |tensor: &'static str, value: f32| {
        rewrite(&source, &files.dit, |name, _, floats| {
            if name == tensor {
                floats[1] = value;
            }
            Some(name.to_owned())
        });
    };
    change("t_embedder.mlp.0.weight", f32::NAN);
    refused(&files, &["tensor t_embedder.mlp.0.weight", "finite", "NaN"]);
    change("blocks.0.s_attn.rotary_emb.freqs", 7.0);
    refused(
        &files,
        &["tensor blocks.0.s_attn.rotary_emb.freqs", "found 7"],
    );
    change("t_embedder.mlp.0.weight", 1e6);
    let error = import_oasis(&files, &config(), WeightsDtype::F16).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("level_embedder.fc1.weight") && error.contains("f32"),
        "{error}"
    );
}

#[test]
fn pytorch_files_are_answered_with_the_conversion() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = files(folder.path());
    files.vae = folder.path().join("vit-l-20.pt");
    std::fs::write(&files.vae, b"PK\x03\x04 and so on").unwrap();
    refused(
        &files,
        &[
            "vit-l-20.pt",
            "python -c",
            "vit-l-20.safetensors",
            "save_file",
        ],
    );
    files.vae = folder.path().join("renamed.safetensors");
    std::fs::write(&files.vae, b"PK\x03\x04 and so on").unwrap();
    refused(&files, &["renamed.safetensors", "PyTorch"]);
}

#[test]
fn a_checkpoint_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = files(folder.path());
    let dit = folder.path().join("tiny.safetensors");
    std::fs::copy(&files.dit, &dit).unwrap();
    let before = std::fs::read(&dit).unwrap();
    files.dit = dit.clone();
    refused(&files, &["out", "tiny.safetensors"]);
    assert_eq!(std::fs::read(dit).unwrap(), before);
    files.out = folder.path().join("world.txt");
    refused(&files, &["out", ".world.ron"]);
}

#[test]
fn another_number_of_actions_is_unnamed_axes() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = files(folder.path());
    let mut config = config();
    config.dit.actions = 3;
    let dit = folder.path().join("d.safetensors");
    rewrite(&files.dit, &dit, |name, shape, floats| {
        if name == "external_cond.weight" {
            *shape = vec![64, 3];
            floats.truncate(64 * 3);
        }
        Some(name.to_owned())
    });
    files.dit = dit;
    let manifest = import_oasis(&files, &config, WeightsDtype::F32).unwrap();
    assert_eq!(manifest.schema.len(), 3);
    WorldManifest::load(&files.out).unwrap();
}
