//! The page around the game: its own files, what it takes from npm, and the world that ships.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::files::{copy, walk};
use super::game::Bundle;
use super::npm;

/// The page's own files: those of these kinds here, and all in the folder of its scripts.
const PAGE: &str = "web";
const KINDS: [&str; 5] = ["html", "css", "js", "svg", "webmanifest"];
const SCRIPTS: &str = "page";

/// The world that ships, without its two extensions.
pub const WORLD: &str = "assets/worlds/arena";
/// The extensions of a world's manifest and of the weights beside it.
const MANIFEST: &str = ".world.ron";
const WEIGHTS: &str = ".safetensors";
/// Where the page has its world, and the script that says which it is.
const WORLDS: &str = "assets/worlds";
const SCRIPT_OF_WORLD: &str = "page/world.js";

/// Where the page says what it is, and the name that stands there.
const NAMED: [&str; 2] = ["index.html", "arena.webmanifest"];
const NAME: &str = "Arena";

/// Of npm's packages: one module each, which becomes `vendor/PACKAGE.mjs`, and the licence under which it is
/// passed on, beside it. Some hosts serve no file without an extension.
const MODULES: [(&str, &str, &str); 3] = [
    ("gifenc", "dist/gifenc.esm.js", "LICENSE.md"),
    ("mp4-muxer", "build/mp4-muxer.mjs", "LICENSE"),
    ("webm-muxer", "build/webm-muxer.mjs", "LICENSE"),
];

/// The manifest of the world that ships.
pub fn shipped() -> PathBuf {
    format!("{WORLD}{MANIFEST}").into()
}

/// Looks for the world before anything is built for it.
///
/// # Errors
/// When `world` is no manifest's name, or it or the weights are not there.
pub fn check_world(world: &Path) -> Result<()> {
    let name = name_of(world)?;
    for extension in [MANIFEST, WEIGHTS] {
        let file = world.with_file_name(format!("{name}{extension}"));
        if !file.is_file() {
            bail!("{}: expected a file, found none", file.display());
        }
    }
    Ok(())
}

/// The name of a world from its manifest's.
fn name_of(world: &Path) -> Result<&str> {
    let name = world.file_name().and_then(OsStr::to_str);
    let name = name.and_then(|name| name.strip_suffix(MANIFEST));
    name.with_context(|| format!("{}: expected NAME{MANIFEST}", world.display()))
}

/// Copies all of it into the folder `out`, with the world of the manifest `world`; `bundles` are in it.
///
/// # Errors
/// When a file is not there, `world` is no manifest's name, or npm cannot fetch the packages.
pub fn build(out: &Path, world: &Path, bundles: &[Bundle]) -> Result<()> {
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
    copy_world(out, world, bundles)?;
    name_page(out, name_of(world)?)
}

/// Copies the manifest and the weights beside it, and writes the script by which the page finds them and its
/// bundles.
fn copy_world(out: &Path, world: &Path, bundles: &[Bundle]) -> Result<()> {
    let name = name_of(world)?;
    let mut script = "// What is played, as `cargo xtask web-build` wrote it.\n".to_owned();
    let bundles: Vec<_> = bundles.iter().map(|bundle| bundle.name()).collect();
    script += &format!("export const BUNDLES = {};\n", json!(bundles));
    for (constant, extension) in [("MANIFEST", MANIFEST), ("WEIGHTS", WEIGHTS)] {
        let file = format!("{name}{extension}");
        let within = format!("{WORLDS}/{file}");
        copy(&world.with_file_name(&file), &out.join(&within))?;
        script += &format!("export const {constant} = {};\n", json!(within));
    }
    fs::write(out.join(SCRIPT_OF_WORLD), script).context(SCRIPT_OF_WORLD)
}

/// Calls the page by the name of its world.
fn name_page(out: &Path, world: &str) -> Result<()> {
    let name = title(world);
    for file in NAMED.map(|file| out.join(file)) {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        fs::write(&file, text.replace(NAME, &name)).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// A file's name as words, the first with a capital: nothing that HTML or JSON would take for their own.
fn title(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let words = words.join(" ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => NAME.to_owned(),
    }
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

    use super::{Bundle, NAMED, check_world, copy_world, is_of_page, is_test, name_page};

    #[test]
    fn the_page_is_told_which_world_it_plays() {
        let folder = std::env::temp_dir().join(format!("xtask-world-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("page")).unwrap();
        for name in ["cave.world.ron", "cave.safetensors"] {
            std::fs::write(folder.join(name), name).unwrap();
        }
        let copied = copy_world(&folder, &folder.join("cave.world.ron"), &[Bundle::WebGl2]);
        let there = check_world(&folder.join("cave.world.ron"));
        let gone = check_world(&folder.join("hole.world.ron"));
        let script = std::fs::read_to_string(folder.join("page/world.js")).unwrap_or_default();
        let weights = std::fs::read_to_string(folder.join("assets/worlds/cave.safetensors"));
        let other = check_world(&folder.join("cave.safetensors"));
        std::fs::remove_dir_all(&folder).unwrap();

        copied.unwrap();
        there.unwrap();
        let gone = gone.unwrap_err().to_string();
        assert!(gone.contains("hole.world.ron: expected a file"), "{gone}");
        assert_eq!(weights.unwrap(), "cave.safetensors");
        assert!(
            script.contains(r#"MANIFEST = "assets/worlds/cave.world.ron""#)
                && script.contains(r#"BUNDLES = ["webgl2"]"#),
            "{script}"
        );
        let error = other.unwrap_err().to_string();
        assert!(error.contains("expected NAME.world.ron"), "{error}");
    }

    #[test]
    fn the_page_bears_the_name_of_its_world() {
        let folder = std::env::temp_dir().join(format!("xtask-name-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for file in NAMED {
            std::fs::copy(format!("../../web/{file}"), folder.join(file)).unwrap();
        }
        let named = name_page(&folder, "ice_cave-\"2\"");
        let [page, manifest] =
            NAMED.map(|file| std::fs::read_to_string(folder.join(file)).unwrap_or_default());
        std::fs::remove_dir_all(&folder).unwrap();

        named.unwrap();
        assert!(
            page.contains("<title>Ice cave 2: a neural network"),
            "{page}"
        );
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["short_name"], "Ice cave 2");
    }

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
