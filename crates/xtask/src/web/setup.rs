//! `cargo xtask web-setup`: what the browser build needs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::tools::{self, BINARYEN, NODE, TRUNK};
use super::{npm, target};
use crate::facts::can_apt;
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
    /// What the page and its tests take from npm.
    Packages,
    /// trunk, which builds and serves the page.
    Trunk,
    /// A browser for the tests, which need it; the page is built without.
    Chromium,
    /// Another one, if it can be had.
    Firefox,
    /// Safari's engine, if it can be had.
    Webkit,
}

/// A virtual screen, somebody who manages its windows, and graphics in software.
const SCREEN: [&str; 6] = [
    "xvfb",
    // Gives a window the focus.
    "openbox",
    "xauth",
    "libegl1",
    "libgl1-mesa-dri",
    "mesa-vulkan-drivers",
];

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
            let outcome = unless(tools::has_node(), || apt(&["nodejs", "npm"]))?;
            if !tools::has_node() {
                let [major, minor] = NODE;
                bail!(
                    "Node {major}.{minor} or newer is needed, and this system's packages have none"
                );
            }
            Ok(outcome)
        }
        Part::WasmBindgen => {
            let version = tools::locked_version("wasm-bindgen")?;
            let root = tools::wasm_bindgen_root(&version);
            let root = ["--root", &root.to_string_lossy()];
            let there = tools::wasm_bindgen(&version).is_some();
            by_cargo("wasm-bindgen-cli", &version, there, &root)
        }
        Part::WasmOpt => unless(tools::is_binaryen(), || {
            let folder = tools::folder().join("npm");
            fs::create_dir_all(&folder)?;
            let package = format!("binaryen@{BINARYEN}");
            let prefix = folder.to_string_lossy();
            run(
                &tools::npm(),
                &["install", "--no-fund", "--prefix", &prefix, &package],
            )
        }),
        Part::Packages => {
            for folder in npm::FOLDERS {
                npm::install(Path::new(folder))?;
            }
            Ok("there".to_owned())
        }
        Part::Chromium => unless(tools::chromium().is_some(), || apt(&["chromium"])),
        Part::Firefox => on_screen(tools::firefox().is_some(), "firefox-esr"),
        Part::Webkit => on_screen(tools::webkit().is_some(), "webkit2gtk-driver"),
        Part::Trunk => {
            let is_there = || tools::is_version(Path::new("trunk"), TRUNK);
            let outcome = by_cargo("trunk", TRUNK, is_there(), &[])?;
            Ok(match is_there() {
                true => outcome,
                false => {
                    format!("{outcome}, in cargo's folder for programs, which PATH does not name")
                }
            })
        }
    }
}

fn by_cargo(package: &str, version: &str, there: bool, to: &[&str]) -> Result<String> {
    let outcome = unless(there, || {
        let install = |more: &[&str]| {
            let arguments = [&["install", "--version", version], to, more, &[package]];
            run("cargo", &arguments.concat())
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

/// A browser and the virtual screen that it is shown on. The tests do without where no package has them.
fn on_screen(there: bool, package: &str) -> Result<String> {
    if !there && !can_apt() {
        let packages = [&[package], &SCREEN[..]].concat().join(", ");
        return Ok(format!(
            "left out: install it by hand for more tests: {packages}"
        ));
    }
    unless(there, || apt(&[&[package], &SCREEN[..]].concat()))
}

fn apt(packages: &[&str]) -> Result<()> {
    if !can_apt() {
        bail!("install it by hand: {}", packages.join(", "));
    }
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    // The lists may be good enough when a mirror cannot be reached.
    run("apt-get", &["update", "--quiet"]).ok();
    run("apt-get", &[&install, packages].concat())
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    CommandLine::new(program, arguments)
        .with_env("DEBIAN_FRONTEND", "noninteractive")
        .show_and_run()
}
