//! `cargo xtask web-build`: all that a static host serves; `cargo xtask web-worker`: its worker alone.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::game::{Bundle, Finish};
use super::{listing, page, wasm, worker};

/// Where the page is built when nothing else is said.
const DIST: &str = "web/dist";
/// Set by trunk for its hooks: the folder that becomes the page when they have ended.
const OF_TRUNK: &str = "TRUNK_STAGING_DIR";

/// What a page's folder is called until it is whole, and the last one's while it is replaced.
const UNFINISHED: &str = "unfinished";
const LAST: &str = "last";

/// Builds the page with its worker, `bundles` and the world of the manifest `world` (the one that ships when
/// not given) into `out`, or into trunk's folder when trunk calls. Returns the folder. What an earlier build
/// has left there is replaced when all of the new one is there.
///
/// # Errors
/// When a tool is not there or fails, a file is missing, or `out` holds something else.
pub fn build(
    out: Option<&Path>,
    bundles: &[Bundle],
    world: Option<&Path>,
    finish: Finish,
) -> Result<PathBuf> {
    wasm::check_tools()?;
    let shipped = page::shipped();
    let world = world.unwrap_or(&shipped);
    page::check_world(world)?;
    let of_trunk = env::var_os(OF_TRUNK).map(PathBuf::from);
    let out = match (out, &of_trunk) {
        (Some(out), _) => out,
        (None, Some(staging)) => staging,
        (None, None) => Path::new(DIST),
    };
    // Not a link to it, which would be replaced.
    let out = &fs::canonicalize(out).unwrap_or_else(|_| out.to_owned());
    let place = match of_trunk {
        Some(_) => out.to_owned(),
        None => prepare(out, listing::FILE)?,
    };
    println!("-- worker");
    worker::build(&place.join("worker"))?;
    for bundle in bundles {
        println!("-- {}", bundle.name());
        bundle.build(&place, finish)?;
    }
    println!("-- page");
    page::build(&place, world, bundles)?;
    let listing = listing::write(&place)?;
    if place != *out {
        replace(out, &place)?;
    }
    println!(
        "{}: {} files, {:.1} MB, version {}",
        out.display(),
        listing.files.len(),
        listing.bytes() as f64 / 1e6,
        listing.version
    );
    Ok(out.to_owned())
}

/// Builds the worker alone into the folder `out`, where an earlier one is replaced.
///
/// # Errors
/// When a tool is not there or fails, or `out` holds something else.
pub fn build_worker(out: &Path) -> Result<()> {
    wasm::check_tools()?;
    let out = &fs::canonicalize(out).unwrap_or_else(|_| out.to_owned());
    let place = prepare(out, worker::FILE)?;
    worker::build(&place)?;
    replace(out, &place)?;
    println!("{}: the worker", out.display());
    Ok(())
}

/// An empty folder beside `out` to build in, if `out` may be replaced: it is empty, or has the file `ours` of
/// an earlier build.
fn prepare(out: &Path, ours: &str) -> Result<PathBuf> {
    let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && !out.join(ours).exists() {
        bail!(
            "{}: expected an empty folder or an earlier build (with {ours}), found something else",
            out.display()
        );
    }
    let place = beside(out, UNFINISHED)?;
    remove(&place)?;
    Ok(place)
}

/// Puts what was built at `place` where it belongs. The last page goes when the new one is there.
fn replace(out: &Path, place: &Path) -> Result<()> {
    let last = beside(out, LAST)?;
    remove(&last)?;
    if out.exists() {
        fs::rename(out, &last).with_context(|| out.display().to_string())?;
    }
    if let Err(error) = fs::rename(place, out) {
        // Back, if that can be done.
        fs::rename(&last, out).ok();
        return Err(error).with_context(|| format!("{} to {}", place.display(), out.display()));
    }
    remove(&last)
}

/// A folder of ours beside `out`, hidden: `.NAME.bvgdm-ENDING`.
fn beside(out: &Path, ending: &str) -> Result<PathBuf> {
    let Some(name) = out.file_name() else {
        bail!("{}: expected the name of a folder", out.display());
    };
    let name = name.to_string_lossy();
    Ok(out.with_file_name(format!(".{name}.bvgdm-{ending}")))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{LAST, UNFINISHED, beside, prepare, replace};
    use crate::web::listing;

    fn folder(name: &str) -> PathBuf {
        let out = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&out).unwrap();
        out
    }

    fn build(out: &Path, files: &[&str]) {
        let place = prepare(out, listing::FILE).unwrap();
        fs::create_dir_all(&place).unwrap();
        for file in files {
            fs::write(place.join(file), "").unwrap();
        }
        if files.contains(&listing::FILE) {
            replace(out, &place).unwrap();
        }
    }

    #[test]
    fn only_an_earlier_build_is_replaced() {
        let out = folder("replace");
        fs::write(out.join("thesis.txt"), "").unwrap();
        assert!(prepare(&out, listing::FILE).is_err());
        fs::write(out.join(listing::FILE), "").unwrap();
        build(&out, &["new.html", listing::FILE]);
        assert!(out.join("new.html").exists() && !out.join("thesis.txt").exists());
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn a_build_that_ends_early_leaves_the_last_one_and_does_not_stop_the_next() {
        let out = folder("early");
        build(&out, &["old.html", listing::FILE]);
        build(&out, &["half.html"]);
        assert!(out.join("old.html").exists());
        // As a shell completes it.
        build(&out.join(""), &["new.html", listing::FILE]);
        assert!(out.join("new.html").exists() && !out.join("half.html").exists());
        for ending in [UNFINISHED, LAST] {
            assert!(!beside(&out, ending).unwrap().exists());
        }
        fs::remove_dir_all(out).unwrap();
    }
}
