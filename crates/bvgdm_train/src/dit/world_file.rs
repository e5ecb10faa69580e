//! Where the finished world goes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use bvgdm_core::{CoreError, WeightsFile, WorldConfig, WorldManifest};

use crate::error::{Result, TrainError};

/// What players find a world by.
const SUFFIX: &str = ".world.ron";

/// The manifest's path and the world's name.
#[derive(Debug)]
pub struct WorldFile {
    /// `NAME.world.ron` in a folder that is there.
    pub path: PathBuf,
    /// `NAME`.
    pub name: String,
}

impl WorldFile {
    /// Makes the folder: that a world cannot be written is found out before it is trained.
    ///
    /// # Errors
    /// When the name is another, or the folder cannot be made.
    pub fn prepare(path: &Path) -> Result<Self> {
        let file = path.file_name().and_then(OsStr::to_str);
        let name = file.and_then(|file| file.strip_suffix(SUFFIX));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let expected = format!("NAME{SUFFIX}");
            return Err(TrainError::unsuitable("--world", expected, path.display()));
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| CoreError::io(folder, e))?;
        }
        Ok(Self {
            path: path.to_owned(),
            name: name.to_owned(),
        })
    }

    /// What was measured of a world of these weights and sizes that is there already: a run that is done writes
    /// its world once more when it is resumed.
    pub fn measured(&self, weights: &WeightsFile, sizes: &WorldConfig) -> BTreeMap<String, f64> {
        let same = |found: &WorldManifest| {
            let same_weights = found.weights.sha256.eq_ignore_ascii_case(&weights.sha256);
            // Figures depend on the sampler, too.
            same_weights && found.config == *sizes
        };
        // A manifest that cannot be read is replaced as well as one of other weights.
        let found = WorldManifest::load(&self.path).ok().filter(same);
        found.map(|found| found.quality).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_that_no_player_would_find_is_refused_before_it_is_trained() {
        for wrong in ["my/arena.ron", "my/arena", "my/.world.ron", ".."] {
            let error = WorldFile::prepare(Path::new(wrong)).unwrap_err();
            let expected = format!("--world: expected NAME.world.ron, found {wrong}");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn the_world_s_folder_is_there_before_the_training_or_its_error_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("my/worlds/arena.world.ron");
        let file = WorldFile::prepare(&path).unwrap();
        assert_eq!((file.name.as_str(), &file.path), ("arena", &path));
        assert!(dir.path().join("my/worlds").is_dir());

        let taken = dir.path().join("taken");
        fs::write(&taken, "a file").unwrap();
        let error = WorldFile::prepare(&taken.join("arena.world.ron")).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
    }

    #[test]
    fn what_was_measured_stays_with_the_weights_and_the_sampler_that_it_was_measured_of() {
        let dir = tempfile::tempdir().unwrap();
        let file = WorldFile::prepare(&dir.path().join("arena.world.ron")).unwrap();
        let shipped = include_bytes!("../../../../assets/worlds/arena.world.ron");
        let manifest = WorldManifest::parse(shipped).unwrap();
        let (weights, sizes) = (&manifest.weights, &manifest.config);
        assert!(file.measured(weights, sizes).is_empty(), "nothing is there");

        manifest.save(&file.path).unwrap();
        assert!(!manifest.quality.is_empty());
        assert_eq!(file.measured(weights, sizes), manifest.quality);
        let mut other = weights.clone();
        other.sha256 = "0".repeat(64);
        assert!(file.measured(&other, sizes).is_empty());
        let mut other = sizes.clone();
        other.sampler.steps += 1;
        assert!(file.measured(weights, &other).is_empty());

        fs::write(&file.path, "no manifest").unwrap();
        assert!(file.measured(weights, sizes).is_empty());
    }
}
