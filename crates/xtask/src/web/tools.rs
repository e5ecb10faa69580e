//! The programs of the browser build, and at which version.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::CommandLine;

/// Of binaryen's package on npm, which needs no compiler: Debian's own is too old for what rustc
/// writes.
pub const BINARYEN: &str = "132.0.0";
/// Which the browser's driver asks for, or newer.
pub const NODE: u32 = 20;
/// The last one that Rust 1.95 builds.
pub const TRUNK: &str = "0.21.14";

const CHROME_OF_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// What the build makes and installs for itself.
pub fn folder() -> PathBuf {
    PathBuf::from("target/web")
}

/// wasm-opt of npm's package.
pub fn wasm_opt() -> PathBuf {
    folder().join("npm/node_modules/.bin/wasm-opt")
}

/// Node, new enough, and npm.
pub fn has_node() -> bool {
    let version = CommandLine::new("node", &["--version"]).output();
    let is_new = version.is_ok_and(|version| major(&version).is_some_and(|major| major >= NODE));
    is_new && CommandLine::new("npm", &["--version"]).succeeds()
}

/// A browser that can be told to be headless, by its full path.
pub fn chromium() -> Option<PathBuf> {
    let search_path = env::var_os("PATH").unwrap_or_default();
    let mut candidates = vec![PathBuf::from(CHROME_OF_MACOS)];
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        candidates.extend(env::split_paths(&search_path).map(|folder| folder.join(name)));
    }
    candidates.into_iter().find(|program| {
        program.is_file() && CommandLine::new(&program.to_string_lossy(), &["--version"]).succeeds()
    })
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

/// Of "v20.1.0".
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let named = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != named);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{major, version_in};

    #[test]
    fn nodes_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }

    #[test]
    fn the_version_is_the_one_under_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }
}
