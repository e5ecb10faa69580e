//! The worker itself. Natively the same session, for comparison and for timing.

#[cfg_attr(target_family = "wasm", path = "web.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "native.rs")]
mod platform;

use platform::run;

fn main() -> std::process::ExitCode {
    run()
}
