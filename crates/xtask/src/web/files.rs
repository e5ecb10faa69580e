//! Files of the page: copied, walked and hashed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Copies one file; makes its folder.
///
/// # Errors
/// When it cannot, with the path.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::copy(from, to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Copies all that is in the folder `from` into the folder `to`.
///
/// # Errors
/// When it cannot, with the path.
pub fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for path in walk(from)? {
        copy(&from.join(&path), &to.join(&path))?;
    }
    Ok(())
}

/// All files below `folder`, as paths within it, in the order of their names.
///
/// # Errors
/// When a folder cannot be read, with its path.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(within) = open.pop() {
        let place = folder.join(&within);
        for entry in fs::read_dir(&place).with_context(|| place.display().to_string())? {
            let entry = entry?;
            let path = within.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Two digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{copy_tree, hex, walk};

    #[test]
    fn a_tree_is_copied_with_its_folders_and_walked_in_order() {
        let folder = std::env::temp_dir().join(format!("xtask-files-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        std::fs::create_dir_all(from.join("b/c")).unwrap();
        for name in ["z", "b/c/x", "a"] {
            std::fs::write(from.join(name), name).unwrap();
        }
        copy_tree(&from, &to).unwrap();
        let found = walk(&to).unwrap();
        let content = std::fs::read_to_string(to.join("b/c/x")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, ["a", "b/c/x", "z"].map(PathBuf::from));
        assert_eq!(content, "b/c/x");
    }

    #[test]
    fn a_hash_is_shown_as_others_show_it() {
        assert_eq!(hex(&[0, 0x0f, 0xa0]), "000fa0");
    }
}
