//! The programs of the browser build, and at which version.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::CommandLine;

/// Of binaryen's package on npm, which needs no compiler: Debian's own is too old for what rustc
/// writes.
pub const BINARYEN: &str = "132.0.0";
/// The last one that Rust 1.95 builds.
pub const TRUNK: &str = "0.21.14";

/// What the build makes and installs for itself.
pub fn folder() -> PathBuf {
    PathBuf::from("target/web")
}

/// wasm-opt of npm's package.
pub fn wasm_opt() -> PathBuf {
    folder().join("npm/node_modules/.bin/wasm-opt")
}

/// A browser that can be told to be headless.
pub fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|program| CommandLine::new(program, &["--version"]).succeeds())
}

/// The version of a crate in Cargo.lock. The command of wasm-bindgen must have that of its library.
///
/// # Errors
/// When it is not there.
pub fn locked_version(name: &str) -> Result<String> {
    let lock = fs::read_to_string("Cargo.lock").context("Cargo.lock")?;
    version_in(&lock, name).with_context(|| format!("{name} is not in Cargo.lock"))
}

/// Whether `program --version` says this version.
pub fn is_version(program: &Path, version: &str) -> bool {
    CommandLine::new(&program.to_string_lossy(), &["--version"])
        .output()
        .is_ok_and(|text| text.split_whitespace().any(|word| word == version))
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let named = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != named);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn the_version_is_the_one_under_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }
}
