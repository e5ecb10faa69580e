//! The worker: its wasm, and the script that belongs beside it.

use std::path::Path;

use anyhow::Result;

use super::files::copy;
use super::wasm::Wasm;

/// The script that is used as it is.
const SCRIPT: &str = "web/worker/worker.js";
/// A file of what is built, which nobody else has.
pub const FILE: &str = "bvgdm_worker_bg.wasm";

const WASM: Wasm<'static> = Wasm {
    name: "bvgdm_worker",
    label: "bvgdm_worker",
    profile: "worker",
    arguments: &["--package", "bvgdm_worker"],
    compiled: "bvgdm_worker.wasm",
    level: Some("-O3"),
};

/// Builds the worker into the folder `out`.
///
/// # Errors
/// When a tool is not there or fails.
pub fn build(out: &Path) -> Result<()> {
    WASM.build(out)?;
    copy(Path::new(SCRIPT), &out.join("worker.js"))
}
