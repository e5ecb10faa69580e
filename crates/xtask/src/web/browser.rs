//! `cargo xtask test-web`: the worker and the whole page in a real browser.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use super::build::build;
use super::files::walk;
use super::game::{Bundle, Finish};
use super::page::{WORLD, is_test};
use super::setup::{Part, set_up};
use super::tools;
use crate::process::CommandLine;

/// All but trunk, which only builds and serves what is built here by the same command.
const NEEDS: [Part; 8] = [
    Part::Target,
    Part::Node,
    Part::WasmBindgen,
    Part::WasmOpt,
    Part::Packages,
    Part::Chromium,
    Part::Firefox,
    Part::Webkit,
];
const SEED: &str = "7";
/// What the native engine draws for comparison: a folder, frames and actions.
const NATIVE: [(&str, &str, &str); 2] = [
    // As many frames as the window holds four times, with walks, turns and jumps.
    ("native", "32", "W*10 W+Right*8 D+Space*6 S+Left*8"),
    // A key held, as a player would.
    ("native-held", "121", "W*120"),
];

/// Installs what the tests need and is not there.
///
/// # Errors
/// When something cannot be had.
pub fn set_up_tests() -> Result<()> {
    set_up(&NEEDS)
}

/// Installs what is missing, builds the page, and plays it in Node and in browsers against the native
/// engine.
///
/// # Errors
/// When something cannot be installed or built, a check fails, or the worker's median frame takes
/// more than `limit_ms`.
pub fn test(limit_ms: Option<f64>) -> Result<()> {
    set_up_tests()?;
    let scripts = unit_tests()?;
    let mut arguments = vec!["--test"];
    arguments.extend(scripts.iter().map(String::as_str));
    CommandLine::new("node", &arguments).show_and_run()?;

    // Not where the page for players is.
    let page = tools::folder().join("page");
    let page = build(Some(&page), &Bundle::ALL, None, Finish::Quick)?;
    for (folder, frames, actions) in NATIVE {
        draw_natively(&tools::folder().join(folder), frames, actions)?;
    }
    let job = job(&page, limit_ms)?;
    let job = job.to_string_lossy();
    CommandLine::new("node", &["web/test/run.mjs", &job]).show_and_run()?;
    // Firefox is spoken to over a socket, which Node 20 has on demand.
    let sockets = "--experimental-websocket";
    CommandLine::new("node", &[sockets, "web/test/play.mjs", &job]).show_and_run()
}

/// Those that need no browser.
fn unit_tests() -> Result<Vec<String>> {
    let mut scripts = Vec::new();
    for folder in ["web/page", "web/test"].map(Path::new) {
        for file in walk(folder)? {
            let is_foreign = file.starts_with("node_modules");
            if is_test(&file) && !is_foreign {
                scripts.push(folder.join(file).to_string_lossy().into_owned());
            }
        }
    }
    Ok(scripts)
}

fn draw_natively(out: &Path, frames: &str, actions: &str) -> Result<()> {
    let manifest = format!("{WORLD}.world.ron");
    CommandLine::new(
        "cargo",
        &[
            "run",
            "--quiet",
            "--release",
            "--package",
            "bvgdm_worker",
            "--",
            &manifest,
            frames,
            SEED,
            actions,
            &out.to_string_lossy(),
        ],
    )
    .show_and_run()
}

/// What the scripts are told, as a file.
fn job(page: &Path, limit_ms: Option<f64>) -> Result<PathBuf> {
    let folder = tools::folder();
    let [(all, ..), (held, ..)] = NATIVE;
    let job = json!({
        "page": page,
        "dist": page.join("worker"),
        "native": folder.join(all),
        "native_held": folder.join(held),
        "manifest": format!("{WORLD}.world.ron"),
        "weights": format!("{WORLD}.safetensors"),
        "chromium": tools::chromium(),
        "firefox": tools::firefox(),
        "webkit": tools::webkit().map(|[driver, browser]| json!({ "driver": driver, "browser": browser })),
        "screenshots": folder.join("screenshots"),
        "limit_ms": limit_ms,
    });
    let path = folder.join("job.json");
    fs::write(&path, job.to_string()).with_context(|| path.display().to_string())?;
    Ok(path)
}
