//! The programs of the browser build, and at which version.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::CommandLine;

/// Of binaryen's package on npm, which needs no compiler: Debian's own is too old for what rustc
/// writes.
pub const BINARYEN: &str = "132.0.0";
/// The first that has the socket by which Firefox is spoken to; the other browsers' drivers ask for less.
pub const NODE: [u32; 2] = [20, 10];
/// The last one that Rust 1.95 builds.
pub const TRUNK: &str = "0.21.14";

const CHROME_OF_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// What the build makes and installs for itself: beside what cargo makes.
pub fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    PathBuf::from(target).join("web")
}

/// wasm-opt of npm's package.
pub fn wasm_opt() -> PathBuf {
    folder()
        .join("npm/node_modules/.bin")
        .join(script("wasm-opt"))
}

/// What npm calls a script: Windows runs those of this kind alone.
fn script(name: &str) -> String {
    match cfg!(windows) {
        true => format!("{name}.cmd"),
        false => name.to_owned(),
    }
}

/// npm itself.
pub fn npm() -> String {
    script("npm")
}

/// Where cargo installs wasm-bindgen of this version: for all checkouts, and beside what other projects have.
pub fn wasm_bindgen_root(version: &str) -> PathBuf {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    home.unwrap_or_else(folder)
        .join("bvgdm")
        .join(format!("wasm-bindgen-{version}"))
}

/// wasm-bindgen of this version: the one that cargo finds, or our own.
pub fn wasm_bindgen(version: &str) -> Option<PathBuf> {
    let own = wasm_bindgen_root(version)
        .join("bin")
        .join(format!("wasm-bindgen{}", env::consts::EXE_SUFFIX));
    let known = [PathBuf::from("wasm-bindgen"), own];
    known
        .into_iter()
        .find(|program| is_version(program, version))
}

/// Whether it is there, of the version that is wanted: "version 132", the package's number without what
/// follows the first point.
pub fn is_binaryen() -> bool {
    let major = BINARYEN.split('.').next().unwrap_or_default();
    is_version(&wasm_opt(), major)
}

/// Node, new enough, and npm.
pub fn has_node() -> bool {
    let version = CommandLine::new("node", &["--version"]).output();
    let is_new = version.is_ok_and(|version| of_node(&version).is_some_and(|found| found >= NODE));
    is_new && CommandLine::new(&npm(), &["--version"]).succeeds()
}

/// A browser that can be told to be headless, by its full path.
pub fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut candidates = vec![PathBuf::from(CHROME_OF_MACOS)];
    candidates.extend(names.into_iter().flat_map(in_path));
    candidates.into_iter().find(|program| runs(program))
}

/// Firefox by its full path, where there is a virtual screen for it.
pub fn firefox() -> Option<PathBuf> {
    let names = ["firefox-esr", "firefox"];
    let program = names.into_iter().flat_map(in_path).find(|path| runs(path));
    program.filter(|_| has_screen())
}

/// The driver of `WebKitGTK` and the browser that it drives, where there is a virtual screen for it.
pub fn webkit() -> Option<[PathBuf; 2]> {
    let driver = in_path("WebKitWebDriver").find(|path| path.is_file())?;
    // /usr/lib/ARCHITECTURE/webkit2gtk-VERSION/MiniBrowser
    let mut folders = vec![PathBuf::from("/usr/lib"), PathBuf::from("/usr/libexec")];
    for _ in 0..2 {
        let inside = folders
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok());
        let inside: Vec<_> = inside.flatten().flatten().map(|it| it.path()).collect();
        folders.extend(inside);
    }
    let browsers = folders.into_iter().map(|folder| folder.join("MiniBrowser"));
    let browser = browsers.into_iter().find(|path| path.is_file())?;
    Some([driver, browser]).filter(|_| has_screen())
}

fn has_screen() -> bool {
    let mut parts = ["xvfb-run", "openbox"].into_iter().map(in_path);
    parts.all(|mut part| part.any(|path| path.is_file()))
}

/// Where a program may be.
fn in_path(name: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let search_path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&search_path).collect();
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    folders.into_iter().map(move |folder| folder.join(&name))
}

fn runs(program: &Path) -> bool {
    program.is_file() && CommandLine::new(&program.to_string_lossy(), &["--version"]).succeeds()
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

/// Major and minor of "v20.1.0".
fn of_node(version: &str) -> Option<[u32; 2]> {
    let mut numbers = version.strip_prefix('v')?.split('.');
    let mut next = || numbers.next()?.parse().ok();
    Some([next()?, next()?])
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let named = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != named);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{NODE, of_node, version_in};

    #[test]
    fn nodes_version_is_read() {
        assert_eq!(of_node("v20.20.2\n"), Some([20, 20]));
        assert_eq!(of_node("20"), None);
        let is_new = |version| of_node(version).is_some_and(|found| found >= NODE);
        assert!(is_new("v20.10.0") && is_new("v22.1.0"));
        assert!(!is_new("v20.9.0") && !is_new("v18.20.1"));
    }

    #[test]
    fn the_version_is_the_one_under_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }
}
