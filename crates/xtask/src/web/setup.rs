//! `cargo xtask web-setup`: what the browser build needs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::target;
use super::tools::{self, BINARYEN, TRUNK};
use crate::process::CommandLine;

/// One thing that the browser build needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Rust's standard library for wasm32.
    Target,
    /// Node and npm, which run wasm-opt and the tests.
    Node,
    /// wasm-bindgen's command, at the version of its library.
    WasmBindgen,
    /// wasm-opt.
    WasmOpt,
    /// A browser for the tests.
    Chromium,
    /// trunk, which builds and serves the page.
    Trunk,
}

/// Installs the `chosen` parts that are not there (all of them when none is chosen).
///
/// # Errors
/// When one could not be had; the parts after it are not tried.
pub fn set_up(chosen: &[Part]) -> Result<()> {
    for part in Part::value_variants() {
        if chosen.is_empty() || chosen.contains(part) {
            let name = part
                .to_possible_value()
                .map(|value| value.get_name().to_owned())
                .unwrap_or_default();
            let outcome = install(*part).with_context(|| name.clone())?;
            println!("{name:<14}{outcome}");
        }
    }
    Ok(())
}

fn install(part: Part) -> Result<String> {
    match part {
        Part::Target => target::install(),
        Part::Node => {
            let works = |program| CommandLine::new(program, &["--version"]).succeeds();
            unless(works("node") && works("npm"), || apt(&["nodejs", "npm"]))
        }
        Part::WasmBindgen => {
            let version = tools::locked_version("wasm-bindgen")?;
            by_cargo("wasm-bindgen-cli", "wasm-bindgen", &version)
        }
        Part::WasmOpt => unless(is_binaryen(), || {
            let folder = tools::folder().join("npm");
            fs::create_dir_all(&folder)?;
            let package = format!("binaryen@{BINARYEN}");
            let prefix = folder.to_string_lossy();
            show_and_run(
                "npm",
                &["install", "--no-fund", "--prefix", &prefix, &package],
            )
        }),
        Part::Chromium => unless(tools::chromium().is_some(), || apt(&["chromium"])),
        Part::Trunk => by_cargo("trunk", "trunk", TRUNK),
    }
}

/// Both places say "version 132": the package's number without what follows the first point.
fn is_binaryen() -> bool {
    let major = BINARYEN.split('.').next().unwrap_or_default();
    tools::is_version(&tools::wasm_opt(), major)
}

fn by_cargo(package: &str, program: &str, version: &str) -> Result<String> {
    let there = tools::is_version(Path::new(program), version);
    let outcome = unless(there, || {
        let install = |more: &[&str]| {
            let arguments = [&["install", "--version", version], more, &[package]];
            show_and_run("cargo", &arguments.concat())
        };
        // A registry may have dropped a version that the package's own lock file names.
        install(&["--locked"]).or_else(|error| {
            println!("{error:#}; without its lock file");
            install(&[])
        })
    })?;
    Ok(format!("{outcome} ({version})"))
}

fn unless(there: bool, install: impl FnOnce() -> Result<()>) -> Result<String> {
    if there {
        return Ok("there already".to_owned());
    }
    install()?;
    Ok("installed".to_owned())
}

fn apt(packages: &[&str]) -> Result<()> {
    if !CommandLine::new("apt-get", &["--version"]).succeeds() {
        bail!("install it by hand: {}", packages.join(", "));
    }
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    // The lists may be good enough when a mirror cannot be reached.
    show_and_run("apt-get", &["update", "--quiet"]).ok();
    show_and_run("apt-get", &[&install, packages].concat())
}

fn show_and_run(program: &str, arguments: &[&str]) -> Result<()> {
    let command =
        CommandLine::new(program, arguments).with_env("DEBIAN_FRONTEND", "noninteractive");
    println!("$ {command}");
    command.run()
}
