//! The worker: compiled, bound and optimised, twice, and the script that belongs beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::target::{TARGET, wasm_cargo};
use super::tools;
use crate::process::CommandLine;

/// The script that is used as it is.
const SCRIPT: &str = "web/worker/worker.js";

/// What rustc may have used, which wasm-opt does not find out from a stripped file.
const FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// One of the two wasms: every browser runs the first, the second is for those that have fused
/// multiply-add.
struct Variant {
    name: &'static str,
    target_feature: &'static str,
    more_features: &'static [&'static str],
}

const VARIANTS: [Variant; 2] = [
    Variant {
        name: "bvgdm_worker",
        target_feature: "+simd128",
        more_features: &[],
    },
    Variant {
        name: "bvgdm_worker_relaxed",
        target_feature: "+simd128,+relaxed-simd",
        more_features: &["--enable-relaxed-simd"],
    },
];

/// Builds the worker; returns the folder with all that a page needs of it.
///
/// # Errors
/// When a tool is not there or fails.
pub fn worker() -> Result<PathBuf> {
    let version = tools::locked_version("wasm-bindgen")?;
    if !tools::is_version(Path::new("wasm-bindgen"), &version) {
        bail!("wasm-bindgen {version} is not there: cargo xtask web-setup");
    }
    if !tools::wasm_opt().exists() {
        bail!("wasm-opt is not there: cargo xtask web-setup");
    }
    let out = tools::folder().join("dist/worker");
    for variant in &VARIANTS {
        compile(variant)?;
        bind(variant, &out)?;
        optimise(variant, &out)?;
    }
    fs::copy(SCRIPT, out.join("worker.js")).context(SCRIPT)?;
    Ok(out)
}

fn compile(variant: &Variant) -> Result<()> {
    let target_dir = tools::folder();
    let build = wasm_cargo(&[
        "build",
        "--profile",
        "worker",
        "--package",
        "bvgdm_worker",
        "--target",
        TARGET,
        "--target-dir",
        &target_dir.to_string_lossy(),
    ])?;
    // They replace those of .cargo/config.toml, which says why.
    let flags = format!("-C target-feature={}", variant.target_feature);
    show_and_run(&build.with_env("RUSTFLAGS", &flags))
}

fn bind(variant: &Variant, out: &Path) -> Result<()> {
    let compiled = tools::folder()
        .join(TARGET)
        .join("worker/bvgdm_worker.wasm");
    show_and_run(&CommandLine::new(
        "wasm-bindgen",
        &[
            "--target",
            "web",
            "--no-typescript",
            "--out-name",
            variant.name,
            "--out-dir",
            &out.to_string_lossy(),
            &compiled.to_string_lossy(),
        ],
    ))
}

fn optimise(variant: &Variant, out: &Path) -> Result<()> {
    let wasm = out.join(format!("{}_bg.wasm", variant.name));
    let wasm = wasm.to_string_lossy();
    let mut arguments = vec!["-O3"];
    arguments.extend(FEATURES);
    arguments.extend(variant.more_features);
    arguments.extend([&*wasm, "-o", &*wasm]);
    let program = tools::wasm_opt();
    show_and_run(&CommandLine::new(&program.to_string_lossy(), &arguments))
}

fn show_and_run(command: &CommandLine) -> Result<()> {
    println!("$ {command}");
    command.run()
}
