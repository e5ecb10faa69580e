//! `cargo xtask web-build`: all that a static host serves.

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

/// Builds the page with its worker, `bundles` and the world of the manifest `world` (the one that ships when
/// not given) into `out`, or into trunk's folder when trunk calls. Returns the folder.
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
    let of_trunk = env::var_os(OF_TRUNK).map(PathBuf::from);
    let out = match (out, &of_trunk) {
        (Some(out), _) => out,
        (None, Some(staging)) => staging,
        (None, None) => Path::new(DIST),
    };
    if of_trunk.is_none() {
        clear(out)?;
    }
    println!("-- worker");
    worker::build(&out.join("worker"))?;
    for bundle in bundles {
        println!("-- {}", bundle.name());
        bundle.build(out, finish)?;
    }
    println!("-- page");
    let shipped = page::shipped();
    page::build(out, world.unwrap_or(&shipped))?;
    let listing = listing::write(out)?;
    println!(
        "{}: {} files, {:.1} MB, version {}",
        out.display(),
        listing.files.len(),
        listing.bytes() as f64 / 1e6,
        listing.version
    );
    Ok(out.to_owned())
}

/// Removes what an earlier build has left, and nothing that was not built by us.
fn clear(out: &Path) -> Result<()> {
    let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if is_empty {
        return Ok(());
    }
    if !out.join(listing::FILE).exists() {
        bail!(
            "{}: expected an empty folder or an earlier build (with {}), found something else",
            out.display(),
            listing::FILE
        );
    }
    fs::remove_dir_all(out).with_context(|| out.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::clear;
    use crate::web::listing;

    #[test]
    fn only_an_earlier_build_is_removed() {
        let out = std::env::temp_dir().join(format!("xtask-clear-{}", std::process::id()));
        std::fs::create_dir_all(&out).unwrap();
        assert!(clear(&out).is_ok() && out.exists());
        std::fs::write(out.join("thesis.txt"), "").unwrap();
        assert!(clear(&out).is_err() && out.exists());
        std::fs::write(out.join(listing::FILE), "").unwrap();
        assert!(clear(&out).is_ok() && !out.exists());
    }
}
