//! What tests with a GPU share.

use std::io::Write as _;

use bvgdm::record::has_gpu;

/// Whether there is a GPU. Without one a test ends with a line that says so, or fails where a GPU
/// is required (`BVGDM_REQUIRE_GPU=1`).
pub fn gpu_or_skip(test: &str) -> bool {
    if has_gpu() {
        return true;
    }
    let required = std::env::var("BVGDM_REQUIRE_GPU").is_ok_and(|v| v == "1");
    assert!(!required, "{test}: no GPU and no software driver for one");
    // Written past libtest, which keeps what a passing test prints to itself.
    writeln!(std::io::stderr(), "{test}: skipped, there is no GPU").ok();
    false
}
