//! The page around the game: its own files, what it takes from npm, and the world that ships.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::files::{copy, walk};
use super::npm;

/// The page's own files: those of these kinds here, and all in the folder of its scripts.
const PAGE: &str = "web";
const KINDS: [&str; 5] = ["html", "css", "js", "svg", "webmanifest"];
const SCRIPTS: &str = "page";

/// The world that ships, without its two extensions.
pub const WORLD: &str = "assets/worlds/arena";

/// Of npm's packages: one module each, which becomes `vendor/PACKAGE.mjs`, and the licence under which it is
/// passed on, beside it. Some hosts serve no file without an extension.
const MODULES: [(&str, &str, &str); 3] = [
    ("gifenc", "dist/gifenc.esm.js", "LICENSE.md"),
    ("mp4-muxer", "build/mp4-muxer.mjs", "LICENSE"),
    ("webm-muxer", "build/webm-muxer.mjs", "LICENSE"),
];

/// Copies all of it into the folder `out`.
///
/// # Errors
/// When a file is not there, or npm cannot fetch the packages.
pub fn build(out: &Path) -> Result<()> {
    let page = Path::new(PAGE);
    for entry in fs::read_dir(page).context(PAGE)? {
        let path = entry?.path();
        if let (true, Some(name)) = (is_of_page(&path), path.file_name()) {
            copy(&path, &out.join(name))?;
        }
    }
    for file in walk(&page.join(SCRIPTS))? {
        if !is_test(&file) {
            let within = Path::new(SCRIPTS).join(file);
            copy(&page.join(&within), &out.join(&within))?;
        }
    }
    let packages = npm::install(page)?;
    for (package, module, licence) in MODULES {
        let (from, to) = (packages.join(package), out.join("vendor"));
        copy(&from.join(module), &to.join(format!("{package}.mjs")))?;
        copy(
            &from.join(licence),
            &to.join(format!("{package}.LICENSE.txt")),
        )?;
    }
    for extension in ["world.ron", "safetensors"] {
        let file = format!("{WORLD}.{extension}");
        copy(Path::new(&file), &out.join(&file))?;
    }
    Ok(())
}

fn is_of_page(file: &Path) -> bool {
    file.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|kind| KINDS.contains(&kind))
}

/// Whether it tests the script beside it.
pub fn is_test(file: &Path) -> bool {
    file.file_stem()
        .and_then(OsStr::to_str)
        .is_some_and(|stem| stem.ends_with(".test"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_of_page, is_test};

    #[test]
    fn what_builds_the_page_does_not_ship() {
        for file in ["web/sw.js", "web/arena.webmanifest"] {
            assert!(is_of_page(Path::new(file)), "{file}");
        }
        for file in [
            "web/Trunk.toml",
            "web/package.json",
            "web/size.mjs",
            "web/README.md",
        ] {
            assert!(!is_of_page(Path::new(file)), "{file}");
        }
    }

    #[test]
    fn tests_do_not_ship() {
        assert!(is_test(Path::new("export/mp4.test.mjs")));
        assert!(!is_test(Path::new("export/test.js")));
    }
}
