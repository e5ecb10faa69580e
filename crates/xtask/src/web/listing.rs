//! `files.json`: what the page consists of, for its progress bar and for keeping it whole.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::files::{hex, walk};

/// Its name, beside index.html.
pub const FILE: &str = "files.json";
/// Hexadecimal digits of a version: two builds in 2^64 share one.
const VERSION_DIGITS: usize = 16;

/// All files but the listing itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    /// Changes when the name or the content of a file does.
    pub version: String,
    /// In the order of their paths.
    pub files: Vec<File>,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// Within the page, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Hexadecimal.
    pub sha256: String,
}

impl Listing {
    /// Of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn read(page: &Path) -> Result<Self> {
        let mut hash = Sha256::new();
        let mut files = Vec::new();
        for file in walk(page)? {
            let names: Vec<_> = file.iter().map(|name| name.to_string_lossy()).collect();
            let path = names.join("/");
            if path == FILE {
                continue;
            }
            let content = fs::read(page.join(&file)).with_context(|| path.clone())?;
            let bytes = content.len() as u64;
            let sha256 = hex(&Sha256::digest(&content));
            hash.update(format!("{path}\n{sha256}\n"));
            files.push(File {
                path,
                bytes,
                sha256,
            });
        }
        let mut version = hex(&hash.finalize());
        version.truncate(VERSION_DIGITS);
        Ok(Self { version, files })
    }

    fn text(&self) -> String {
        let entry =
            |file: &File| json!({ "path": file.path, "bytes": file.bytes, "sha256": file.sha256 });
        let files: Vec<_> = self.files.iter().map(entry).collect();
        format!("{}\n", json!({ "version": self.version, "files": files }))
    }
}

/// Lists the folder `page` in itself.
///
/// # Errors
/// When a file cannot be read or the listing not written, with the path.
pub fn write(page: &Path) -> Result<Listing> {
    let listing = Listing::read(page)?;
    let path = page.join(FILE);
    fs::write(&path, listing.text()).with_context(|| path.display().to_string())?;
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn every_file_but_itself_is_listed_and_the_version_is_of_the_contents() {
        let page = std::env::temp_dir().join(format!("xtask-listing-{}", std::process::id()));
        std::fs::create_dir_all(page.join("webgpu")).unwrap();
        std::fs::write(page.join("index.html"), "<!doctype html>").unwrap();
        std::fs::write(page.join("webgpu/game.js"), "play()").unwrap();
        let first = write(&page).unwrap();
        let again = write(&page).unwrap();
        std::fs::write(page.join("webgpu/game.js"), "stop()").unwrap();
        let changed = write(&page).unwrap();
        let text = std::fs::read_to_string(page.join("files.json")).unwrap();
        std::fs::remove_dir_all(&page).unwrap();

        let found: Vec<_> = first
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.bytes))
            .collect();
        assert_eq!(found, [("index.html", 15), ("webgpu/game.js", 6)]);
        assert_eq!(first, again);
        assert_ne!(first.version, changed.version);
        assert_eq!(first.version.len(), 16);
        assert!(
            text.contains(
                r#"{"bytes":6,"path":"webgpu/game.js","sha256":"f9cc6414ba6b335a7e51876c96dc1fccb261bb873401681658cdb0084efbcb64"}"#
            ),
            "{text}"
        );
    }
}
