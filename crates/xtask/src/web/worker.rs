//! The worker: twice the wasm, and the script that belongs beside it.

use std::path::Path;

use anyhow::Result;

use super::files::copy;
use super::wasm::Wasm;

/// The script that is used as it is.
const SCRIPT: &str = "web/worker/worker.js";

/// Every browser runs the first, the second is for those that have fused multiply-add.
const WASMS: [Wasm<'static>; 2] = [
    wasm("bvgdm_worker", "-C target-feature=+simd128", &[]),
    wasm(
        "bvgdm_worker_relaxed",
        "-C target-feature=+simd128,+relaxed-simd",
        &["--enable-relaxed-simd"],
    ),
];

const fn wasm(
    name: &'static str,
    rustflags: &'static str,
    more_features: &'static [&'static str],
) -> Wasm<'static> {
    Wasm {
        name,
        label: name,
        profile: "worker",
        arguments: &["--package", "bvgdm_worker"],
        compiled: "bvgdm_worker.wasm",
        rustflags: Some(rustflags),
        level: "-O3",
        more_features,
    }
}

/// Builds the worker into the folder `out`.
///
/// # Errors
/// When a tool is not there or fails.
pub fn build(out: &Path) -> Result<()> {
    for wasm in &WASMS {
        wasm.build(out)?;
    }
    copy(Path::new(SCRIPT), &out.join("worker.js"))
}
