//! One wasm on its way from cargo to the page: bound to JavaScript, optimised, put where it belongs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

use super::files::{copy, copy_tree, hex};
use super::target::{TARGET, wasm_cargo};
use super::tools;
use crate::process::CommandLine;

/// What rustc may have used, which wasm-opt does not find out from a stripped file.
const FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What is made of one crate.
pub struct Wasm<'a> {
    /// Of its files: `NAME.js` and `NAME_bg.wasm`.
    pub name: &'a str,
    /// Tells it from others of the same name among the intermediate files.
    pub label: &'a str,
    /// Cargo's profile.
    pub profile: &'a str,
    /// What cargo is told besides: which package, which target, which features.
    pub arguments: &'a [&'a str],
    /// Of what cargo has built, below the folder of the profile.
    pub compiled: &'a str,
    /// How hard wasm-opt tries, and for what; it stays away without.
    pub level: Option<&'a str>,
}

/// Fails early, and with the remedy, when a tool is not there.
///
/// # Errors
/// When wasm-bindgen or wasm-opt is missing or of another version.
pub fn check_tools() -> Result<()> {
    wasm_bindgen()?;
    if !tools::is_binaryen() {
        bail!(
            "wasm-opt {} is not there: cargo xtask web-setup",
            tools::BINARYEN
        );
    }
    Ok(())
}

/// Of the version that its library has.
fn wasm_bindgen() -> Result<PathBuf> {
    let version = tools::locked_version("wasm-bindgen")?;
    let program = tools::wasm_bindgen(&version);
    program.with_context(|| format!("wasm-bindgen {version} is not there: cargo xtask web-setup"))
}

impl Wasm<'_> {
    /// Builds it into the folder `out`.
    ///
    /// # Errors
    /// When a tool fails.
    pub fn build(&self, out: &Path) -> Result<()> {
        self.compile()?;
        let bound = self.bind()?;
        let wasm = format!("{}_bg.wasm", self.name);
        copy_tree(&bound, out)?;
        if let Some(level) = self.level {
            let optimised = self.optimise(&bound.join(&wasm), level)?;
            copy(&optimised, &out.join(&wasm))?;
        }
        Ok(())
    }

    fn compile(&self) -> Result<()> {
        let folder = tools::folder();
        let folder = folder.to_string_lossy();
        let mut arguments = vec!["build", "--profile", self.profile];
        arguments.extend(self.arguments);
        arguments.extend(["--target", TARGET, "--target-dir", &*folder]);
        wasm_cargo(&arguments)?.show_and_run()
    }

    /// Cargo's file has the same name for every set of features, so it is used before the next one
    /// is built.
    fn bind(&self) -> Result<PathBuf> {
        let compiled = tools::folder()
            .join(TARGET)
            .join(self.profile)
            .join(self.compiled);
        let bound = tools::folder().join("bound").join(self.label);
        if bound.exists() {
            fs::remove_dir_all(&bound).with_context(|| bound.display().to_string())?;
        }
        CommandLine::new(
            &wasm_bindgen()?.to_string_lossy(),
            &[
                "--target",
                "web",
                "--no-typescript",
                // Half of the file.
                "--remove-name-section",
                "--out-name",
                self.name,
                "--out-dir",
                &bound.to_string_lossy(),
                &compiled.to_string_lossy(),
            ],
        )
        .show_and_run()?;
        Ok(bound)
    }

    /// The last outcome is kept under the hash of what it was made from: wasm-opt takes longer than
    /// all the rest when nothing has changed.
    fn optimise(&self, bound: &Path, level: &str) -> Result<PathBuf> {
        let mut arguments = vec![level];
        arguments.extend(FEATURES);
        let content = fs::read(bound).with_context(|| bound.display().to_string())?;
        let folder = tools::folder().join("optimised").join(self.label);
        let kept = folder.join(format!("{}.wasm", key(&content, &arguments)));
        if kept.exists() {
            println!("  {} is optimised already", bound.display());
            return Ok(kept);
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let (input, unfinished) = (bound.to_string_lossy(), folder.join("unfinished.wasm"));
        let output = unfinished.to_string_lossy();
        arguments.extend([&*input, "-o", &*output]);
        CommandLine::new(&tools::wasm_opt().to_string_lossy(), &arguments).show_and_run()?;
        fs::rename(&unfinished, &kept)?;
        Ok(kept)
    }
}

/// Changes with the wasm, with wasm-opt and with what it is told.
fn key(wasm: &[u8], arguments: &[&str]) -> String {
    let mut hash = Sha256::new_with_prefix(tools::BINARYEN);
    for argument in arguments {
        hash.update(argument);
        hash.update([0]);
    }
    hash.update(wasm);
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn what_is_kept_is_found_by_the_wasm_and_by_what_was_done_with_it() {
        let kept = key(b"wasm", &["-Oz", "--enable-simd"]);
        assert_eq!(kept, key(b"wasm", &["-Oz", "--enable-simd"]));
        assert_ne!(kept, key(b"masw", &["-Oz", "--enable-simd"]));
        assert_ne!(kept, key(b"wasm", &["-Os", "--enable-simd"]));
        assert_ne!(kept, key(b"wasm", &["-Oz--enable-simd"]));
    }
}
