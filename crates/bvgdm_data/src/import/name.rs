//! Names of episodes.

use std::ffi::OsStr;
use std::path::Path;

use crate::error::{DataError, Result};
use crate::files::PARTIAL;

/// The stem of a file's name, as the name of a folder right below another.
///
/// # Errors
/// When it is no text, begins with a dot or holds more than letters, digits and ` -_.+@,()[]`.
pub(super) fn of_file(file: &Path) -> Result<String> {
    check(file.file_stem(), file)
}

/// As [`of_file`], the whole name of a folder.
pub(super) fn of_folder(dir: &Path) -> Result<String> {
    check(dir.file_name(), dir)
}

fn check(name: Option<&OsStr>, file: &Path) -> Result<String> {
    let name = name.and_then(OsStr::to_str).unwrap_or_default();
    let known = |c: char| c.is_alphanumeric() || " -_.+@,()[]".contains(c);
    let plain = !name.is_empty() && !name.starts_with('.') && !name.ends_with(['.', ' ']);
    let plain = plain && !name.ends_with(PARTIAL);
    if !plain || !name.chars().all(known) || name.len() > 200 {
        return Err(DataError::invalid(
            file,
            "name",
            "letters, digits and -_.+@,()[], no dot at either end, and not .partial",
            format!("{name:?}"),
        ));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_within_its_folder() {
        let name = |file| of_file(Path::new(file)).ok();
        assert_eq!(
            name("data/cheeky-1 (2).mp4").as_deref(),
            Some("cheeky-1 (2)")
        );
        for file in [
            "",
            "..",
            "...mp4",
            "..mp4",
            ".hidden.mp4",
            "a\n.mp4",
            "a.partial.mp4",
        ] {
            assert_eq!(name(file), None, "{file:?}");
        }
        // Elsewhere these part a name from what is before it.
        #[cfg(unix)]
        for file in ["a:b.mp4", "a\\b.mp4"] {
            assert_eq!(name(file), None, "{file:?}");
        }
    }
}
