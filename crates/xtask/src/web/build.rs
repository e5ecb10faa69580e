//! The worker: compiled, bound, optimised, and what belongs beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::target::{TARGET, wasm_cargo};
use super::tools;
use crate::process::CommandLine;

/// The scripts that are used as they are.
const SCRIPTS: [&str; 2] = ["worker.js", "supervisor.js"];

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

/// Builds the worker; returns the folder with all that a page needs of it.
///
/// # Errors
/// When a tool is not there or fails.
pub fn worker() -> Result<PathBuf> {
    let (folder, out) = (tools::folder(), tools::folder().join("worker"));
    let target_dir = folder.to_string_lossy();
    show_and_run(&wasm_cargo(&[
        "build",
        "--profile",
        "worker",
        "--package",
        "bvgdm_worker",
        "--target",
        TARGET,
        "--target-dir",
        &target_dir,
    ])?)?;

    let version = tools::locked_version("wasm-bindgen")?;
    if !tools::is_version(Path::new("wasm-bindgen"), &version) {
        bail!("wasm-bindgen {version} is not there: cargo xtask web-setup");
    }
    let compiled = folder.join(TARGET).join("worker/bvgdm_worker.wasm");
    show_and_run(&CommandLine::new(
        "wasm-bindgen",
        &[
            "--target",
            "web",
            "--no-typescript",
            "--out-dir",
            &out.to_string_lossy(),
            &compiled.to_string_lossy(),
        ],
    ))?;

    let wasm = out.join("bvgdm_worker_bg.wasm");
    let wasm = wasm.to_string_lossy();
    let mut arguments = vec!["-O3"];
    arguments.extend(FEATURES);
    arguments.extend([&*wasm, "-o", &*wasm]);
    let wasm_opt = tools::wasm_opt();
    if !wasm_opt.exists() {
        bail!("wasm-opt is not there: cargo xtask web-setup");
    }
    show_and_run(&CommandLine::new(&wasm_opt.to_string_lossy(), &arguments))?;

    for script in SCRIPTS {
        let source = Path::new("web/worker").join(script);
        fs::copy(&source, out.join(script)).with_context(|| source.display().to_string())?;
    }
    Ok(out)
}

fn show_and_run(command: &CommandLine) -> Result<()> {
    println!("$ {command}");
    command.run()
}
