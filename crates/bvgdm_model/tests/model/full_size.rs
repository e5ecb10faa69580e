//! The import of two checkpoints of Oasis 500M's full size and layout, and what memory it takes.
//!
//! ```sh
//! cargo test --release -p bvgdm_model --test model -- --ignored --nocapture full_size
//! ```

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use bvgdm_core::preset;
use bvgdm_model::import::{OasisFiles, import_oasis};
use bvgdm_model::{TensorStream, WeightsDtype, World};

use crate::B;

const SPATIAL: &str = "blocks.0.s_attn.rotary_emb.freqs";
const TEMPORAL: &str = "blocks.0.t_attn.rotary_emb.freqs";

/// Writes numbers under the published names and shapes, about 0.02 large.
fn write(path: &Path, tensors: Vec<(String, Vec<usize>)>) {
    let sizes: Vec<(String, usize)> = tensors
        .iter()
        .map(|(name, shape)| (name.clone(), shape.iter().product()))
        .collect();
    let out = BufWriter::new(File::create(path).unwrap());
    let mut stream = TensorStream::begin(path, out, WeightsDtype::F32, tensors).unwrap();
    for (name, size) in sizes {
        let number = |i: usize| match name.as_str() {
            SPATIAL => (1.0 + 127.0 / 15.0 * i as f32) * std::f32::consts::PI,
            TEMPORAL => 10_000f32.powf(-2.0 * i as f32 / 64.0),
            _ => ((i * 37 % 101) as f32 - 50.0) * 4e-4,
        };
        stream
            .push(&(0..size).map(number).collect::<Vec<_>>())
            .unwrap();
    }
    stream.finish().unwrap();
}

fn add(list: &mut Vec<(String, Vec<usize>)>, name: &str, shape: &[usize], bias: bool) {
    list.push((format!("{name}.weight"), shape.to_vec()));
    if bias {
        list.push((format!("{name}.bias"), vec![shape[0]]));
    }
}

fn dit() -> Vec<(String, Vec<usize>)> {
    let mut list = Vec::new();
    add(&mut list, "x_embedder.proj", &[1024, 16, 2, 2], true);
    add(&mut list, "t_embedder.mlp.0", &[1024, 256], true);
    add(&mut list, "t_embedder.mlp.2", &[1024, 1024], true);
    add(&mut list, "external_cond", &[1024, 25], true);
    for i in 0..16 {
        for half in ["s", "t"] {
            let at = |name: &str| format!("blocks.{i}.{half}_{name}");
            add(&mut list, &at("attn.to_qkv"), &[3072, 1024], false);
            add(&mut list, &at("attn.to_out"), &[1024, 1024], true);
            add(&mut list, &at("mlp.fc1"), &[4096, 1024], true);
            add(&mut list, &at("mlp.fc2"), &[1024, 4096], true);
            add(&mut list, &at("adaLN_modulation.1"), &[6144, 1024], true);
        }
    }
    list.push((SPATIAL.to_owned(), vec![16]));
    list.push((TEMPORAL.to_owned(), vec![32]));
    add(&mut list, "final_layer.linear", &[64, 1024], true);
    add(
        &mut list,
        "final_layer.adaLN_modulation.1",
        &[2048, 1024],
        true,
    );
    list
}

fn vae() -> Vec<(String, Vec<usize>)> {
    let mut list = Vec::new();
    add(&mut list, "patch_embed.proj", &[1024, 3, 20, 20], true);
    for (stack, depth) in [("encoder", 6), ("decoder", 12)] {
        for i in 0..depth {
            let at = |name: &str| format!("{stack}.{i}.{name}");
            add(&mut list, &at("norm1"), &[1024], true);
            add(&mut list, &at("norm2"), &[1024], true);
            add(&mut list, &at("attn.qkv"), &[3072, 1024], true);
            add(&mut list, &at("attn.proj"), &[1024, 1024], true);
            add(&mut list, &at("mlp.fc1"), &[4096, 1024], true);
            add(&mut list, &at("mlp.fc2"), &[1024, 4096], true);
        }
    }
    for (name, shape) in [
        ("enc_norm", &[1024][..]),
        ("quant_conv", &[32, 1024][..]),
        ("post_quant_conv", &[1024, 16][..]),
        ("dec_norm", &[1024][..]),
        ("predictor", &[1200, 1024][..]),
    ] {
        add(&mut list, name, shape, true);
    }
    list
}

/// The most memory that this process ever had, where the system tells it.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
#[ignore = "writes 5 GB and takes a minute"]
fn full_size_checkpoints_are_imported_within_their_f16_size() {
    let folder = tempfile::tempdir().unwrap();
    let files = OasisFiles {
        dit: folder.path().join("oasis500m.safetensors"),
        vae: folder.path().join("vit-l-20.safetensors"),
        out: folder.path().join("oasis.world.ron"),
    };
    let (dit, vae) = (dit(), vae());
    assert_eq!((dit.len(), vae.len()), (302, 228));
    write(&files.dit, dit);
    write(&files.vae, vae);
    let begun = std::time::Instant::now();
    let config = preset("oasis").unwrap();
    let manifest = import_oasis(&files, &config, WeightsDtype::F16).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let f16 = manifest.weights.bytes;
    println!(
        "{} MB of f16 weights written in {seconds:.1} s",
        f16 / 1_000_000
    );
    if let Some(peak) = peak_bytes() {
        println!(
            "peak memory {} MB, making the checkpoints included",
            peak / 1_000_000
        );
        assert!(peak as f64 <= 1.2 * f16 as f64);
    }

    let begun = std::time::Instant::now();
    let (world, _) = World::<B>::load(&files.out, &Default::default()).unwrap();
    let (seconds, f32) = (begun.elapsed().as_secs_f64(), 4 * world.parameters() as u64);
    println!(
        "loaded for play in f32, {} MB, in {seconds:.1} s",
        f32 / 1_000_000
    );
    if let Some(peak) = peak_bytes() {
        println!("peak memory {} MB", peak / 1_000_000);
        assert!(peak as f64 <= 1.2 * f32 as f64);
    }
}
