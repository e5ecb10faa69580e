//! `cargo xtask web-test`: the worker against the native engine, in Node and in Chromium.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{build, tools};
use crate::process::CommandLine;

/// The world that ships.
const WORLD: &str = "assets/worlds/arena";
/// As many frames as the window holds four times.
const FRAMES: &str = "32";
const SEED: &str = "7";
/// Walks, turns and jumps.
const ACTIONS: &str = "W*10 W+Right*8 D+Space*6 S+Left*8";

/// Draws the same frames natively and in the worker, and compares and times them.
///
/// # Errors
/// When something cannot be built, a picture differs, or a frame's median is above `limit_ms`.
pub fn test(limit_ms: Option<f64>) -> Result<()> {
    show_and_run(&CommandLine::new(
        "node",
        &["--test", "web/test/supervisor.test.mjs"],
    ))?;
    let worker = build::worker()?;
    let native = tools::folder().join("native");
    let manifest = format!("{WORLD}.world.ron");
    show_and_run(&CommandLine::new(
        "cargo",
        &[
            "run",
            "--quiet",
            "--release",
            "--package",
            "bvgdm_worker",
            "--",
            &manifest,
            FRAMES,
            SEED,
            ACTIONS,
            &native.to_string_lossy(),
        ],
    ))?;
    let chromium = tools::chromium();
    if chromium.is_none() {
        println!("no Chromium: Node only (cargo xtask web-setup chromium)");
    }
    let job = tools::folder().join("job.json");
    fs::write(&job, text(&worker, &native, chromium, limit_ms))?;
    show_and_run(&CommandLine::new(
        "node",
        &["web/test/run.mjs", &job.to_string_lossy()],
    ))
}

/// The job as JSON; nothing in it needs to be escaped.
fn text(worker: &Path, native: &Path, chromium: Option<&str>, limit_ms: Option<f64>) -> String {
    let chromium = chromium.map_or("null".to_owned(), |program| format!("\"{program}\""));
    let limit = limit_ms.map_or("null".to_owned(), |limit| limit.to_string());
    format!(
        "{{\n  \"dist\": \"{}\",\n  \"native\": \"{}\",\n  \"manifest\": \"{WORLD}.world.ron\",\n  \
         \"weights\": \"{WORLD}.safetensors\",\n  \"chromium\": {chromium},\n  \"limit_ms\": {limit}\n}}\n",
        worker.display(),
        native.display(),
    )
}

fn show_and_run(command: &CommandLine) -> Result<()> {
    println!("$ {command}");
    command.run()
}
