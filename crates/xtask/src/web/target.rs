//! The standard library for wasm32: rustup's, or one that is built from Debian's source.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::tools::folder;
use crate::process::CommandLine;

/// What is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler, its library's source and its linker.
const PACKAGES: [&str; 5] = [
    "rustc-web",
    "rust-web-src",
    "cargo-web",
    "rust-web-clippy",
    "lld-22",
];

/// Which Rust has the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rust {
    /// The one that `cargo` calls.
    Own,
    /// Debian's, beside it.
    Debian,
}

/// A `cargo` that builds for wasm32.
///
/// # Errors
/// When there is none.
pub fn wasm_cargo(arguments: &[&str]) -> Result<CommandLine> {
    let cargo = match installed() {
        Some(Rust::Own) => CommandLine::new("cargo", arguments),
        Some(Rust::Debian) => debian(arguments),
        None => bail!("no Rust here builds for {TARGET}: cargo xtask web-setup"),
    };
    // What is for this machine would take the place of .cargo/config.toml's flags: vectors.
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"];
    Ok(flags
        .iter()
        .fold(cargo, |cargo, name| cargo.without_env(name)))
}

/// Makes sure that there is one; says what it did.
///
/// # Errors
/// When neither rustup nor Debian has it.
pub fn install() -> Result<String> {
    if let Some(rust) = installed() {
        return Ok(format!("there already ({})", name(rust)));
    }
    let by_rustup = CommandLine::new("rustup", &["target", "add", TARGET]);
    match by_rustup.show_and_run() {
        Ok(()) => Ok("installed by rustup".to_owned()),
        Err(error) if CommandLine::new("apt-get", &["--version"]).succeeds() => {
            println!("{error:#}; Debian's Rust instead");
            from_debian()?;
            Ok("built from Debian's source".to_owned())
        }
        Err(error) => Err(error.context("rustup cannot fetch it, and this is no Debian")),
    }
}

fn name(rust: Rust) -> &'static str {
    match rust {
        Rust::Own => "of this toolchain",
        Rust::Debian => "of Debian's Rust",
    }
}

fn installed() -> Option<Rust> {
    if has_library("rustc") {
        Some(Rust::Own)
    } else if has_library("/usr/bin/rustc") {
        Some(Rust::Debian)
    } else {
        None
    }
}

fn has_library(rustc: &str) -> bool {
    library(rustc).is_ok_and(|folder| {
        fs::read_dir(folder).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}

/// Where `rustc` looks for the library.
fn library(rustc: &str) -> Result<PathBuf> {
    let sysroot = CommandLine::new(rustc, &["--print", "sysroot"]).output()?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib"))
}

/// By full paths: rustup's shims, which come first in PATH, know only their own toolchains.
fn debian(arguments: &[&str]) -> CommandLine {
    CommandLine::new("/usr/bin/cargo", arguments)
        .with_env("RUSTC", "/usr/bin/rustc")
        // Debian has the linker under this name, and not under rustc's own.
        .with_env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22")
}

/// Builds the library once and puts it where the compiler looks for it.
fn from_debian() -> Result<()> {
    let apt = |arguments: &[&str]| {
        CommandLine::new("apt-get", arguments)
            .with_env("DEBIAN_FRONTEND", "noninteractive")
            .show_and_run()
    };
    if let Err(error) = apt(&["update", "--quiet"]) {
        println!("going on without: {error:#}");
    }
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(PACKAGES);
    apt(&arguments)?;

    let work = folder().join("std");
    fs::create_dir_all(work.join("src"))?;
    // A workspace of its own: ours is around it.
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                    [workspace]\n[profile.release]\nopt-level = 3\n";
    fs::write(work.join("Cargo.toml"), manifest)?;
    fs::write(work.join("src/lib.rs"), "#![no_std]\n")?;
    let (manifest, target) = (work.join("Cargo.toml"), work.join("target"));
    let build = debian(&[
        "build",
        "--release",
        "--manifest-path",
        &manifest.to_string_lossy(),
        "--target-dir",
        &target.to_string_lossy(),
        "--target",
        TARGET,
        "-Zbuild-std=std,panic_abort,panic_unwind",
    ])
    .with_env("RUSTC_BOOTSTRAP", "1")
    // So that it can be part of link-time optimisation, as rustup's can.
    .with_env("RUSTFLAGS", "-C embed-bitcode=yes");
    build.show_and_run()?;

    let library = library("/usr/bin/rustc")?;
    fs::create_dir_all(&library)?;
    let built = target.join(TARGET).join("release/deps");
    for entry in fs::read_dir(&built).with_context(|| built.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::copy(&path, library.join(&*name))?;
        }
    }
    fs::remove_dir_all(&work)?;
    Ok(())
}
