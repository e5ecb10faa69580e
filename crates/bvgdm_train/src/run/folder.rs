//! The folder of a run.

use std::fs;
use std::path::{Path, PathBuf};

use bvgdm_core::{CoreError, read_bounded, write_atomic};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::checkpoint::checkpoint_error;
use crate::config::RunConfig;
use crate::error::{Result, TrainError};

/// No file that says what a run is is larger.
const MAX_BYTES: u64 = 1 << 20;

/// What may differ when a run goes on: how long, how often, how fast, where what comes of it lies, and whether
/// it looks for more to train on. A
/// rate that was too high is mended so.
const MAY_DIFFER: [&str; 12] = [
    "run.out",
    "run.resume",
    "run.checkpoint_every",
    "run.eval_every",
    "optimiser.steps",
    "optimiser.minutes",
    "optimiser.learning_rate",
    "optimiser.warmup",
    "optimiser.decay",
    "optimiser.clip",
    "follow",
    "world",
];

/// Configuration, checkpoints, loss and pictures of one run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    newest: Option<(u64, PathBuf)>,
}

impl RunFolder {
    /// Makes the folder of a fresh run, or finds that of one that goes on, and writes the configuration
    /// into it.
    ///
    /// # Errors
    /// When a fresh run would come to the checkpoints of another, there is none to go on from, the run
    /// that is there is another one, or the folder cannot be written to.
    pub fn create<C: Serialize + DeserializeOwned>(run: &RunConfig, config: &C) -> Result<Self> {
        let folder = Self {
            path: run.out.clone(),
            newest: checkpoints_in(&run.out).pop(),
        };
        match (&folder.newest, run.resume) {
            (Some((step, _)), false) => {
                return Err(TrainError::RunExists {
                    folder: folder.path,
                    step: *step,
                });
            }
            (None, true) => {
                let none = "no checkpoint to go on from";
                return Err(checkpoint_error(&folder.path, none));
            }
            _ => fs::create_dir_all(&folder.path).map_err(|e| CoreError::io(&folder.path, e))?,
        }
        folder.keep("config.ron", config)?;
        Ok(folder)
    }

    /// Writes down what makes the run the one that it is.
    ///
    /// # Errors
    /// When the run goes on and it was another one, or the file cannot be written.
    pub fn keep<C: Serialize + DeserializeOwned>(&self, name: &str, now: &C) -> Result<()> {
        let file = self.file(name);
        let parse = |message: String| CoreError::Parse {
            file: file.display().to_string(),
            message,
        };
        // Runs of before this was written down have no such file.
        if self.newest.is_some() && file.is_file() {
            let text = read_bounded(&file, MAX_BYTES)?;
            let was: C = ron::de::from_bytes(&text).map_err(|e| parse(e.to_string()))?;
            let value = |config| serde_json::to_value(config).map_err(|e| parse(e.to_string()));
            let mut differences = Vec::new();
            compare("", &value(&was)?, &value(now)?, &mut differences);
            if !differences.is_empty() {
                return Err(TrainError::OtherRun { file, differences });
            }
        }
        let text = ron::ser::to_string_pretty(now, ron::ser::PrettyConfig::default())
            .map_err(|e| parse(e.to_string()))?;
        Ok(write_atomic(&file, text.as_bytes())?)
    }

    /// The step and the folder of the checkpoint that the run goes on from.
    pub fn newest(&self) -> Option<&(u64, PathBuf)> {
        self.newest.as_ref()
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder of the checkpoint at `step`.
    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.path.join(format!("checkpoint-{step:07}"))
    }

    /// Checkpoints with their steps, oldest first.
    pub fn checkpoints(&self) -> Vec<(u64, PathBuf)> {
        checkpoints_in(&self.path)
    }
}

/// Checkpoints of the run in this folder with their steps, oldest first.
pub fn checkpoints_in(folder: &Path) -> Vec<(u64, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let step = name.to_str()?.strip_prefix("checkpoint-")?.parse().ok()?;
            Some((step, entry.path()))
        })
        .collect();
    found.sort();
    found
}

/// Adds every field of two values of one type that differs and must not.
fn compare(field: &str, was: &Value, now: &Value, differences: &mut Vec<String>) {
    match (was, now) {
        (Value::Object(was), Value::Object(now)) if was.keys().eq(now.keys()) => {
            for ((name, was), now) in was.iter().zip(now.values()) {
                let dot = if field.is_empty() { "" } else { "." };
                compare(&format!("{field}{dot}{name}"), was, now, differences);
            }
        }
        _ if was == now || MAY_DIFFER.contains(&field) => {}
        _ => differences.push(format!("{field} was {was} and is {now} now")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{VaeTrainConfig, of_flags};

    fn config(out: &Path, more: &[&str]) -> VaeTrainConfig {
        let out = out.to_str().unwrap();
        of_flags(&[&["--episodes", "data", "--out", out][..], more].concat())
    }

    fn create(config: &VaeTrainConfig) -> Result<RunFolder> {
        RunFolder::create(&config.run, config)
    }

    #[test]
    fn a_fresh_run_leaves_a_folder_with_checkpoints_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("checkpoint-0000500")).unwrap();
        let error = create(&config(dir.path(), &[])).unwrap_err();
        assert!(matches!(error, TrainError::RunExists { step: 500, .. }));
        let text = error.to_string();
        let folder = dir.path().to_str().unwrap();
        for word in [folder, "500", "--resume", "--out"] {
            assert!(text.contains(word), "{word} is not in: {text}");
        }
        assert!(!dir.path().join("config.ron").exists());
    }

    #[test]
    fn without_a_checkpoint_there_is_nothing_to_go_on_from() {
        let dir = tempfile::tempdir().unwrap();
        create(&config(dir.path(), &[])).unwrap();
        let error = create(&config(dir.path(), &["--resume"])).unwrap_err();
        assert!(error.to_string().contains("no checkpoint"), "{error}");
    }

    #[test]
    fn a_run_goes_on_as_what_it_was_and_what_differs_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let begun = config(dir.path(), &["--seed", "5", "--preset", "oasis"]);
        create(&begun).unwrap();
        fs::create_dir(dir.path().join("checkpoint-0000007")).unwrap();

        let other = ["--resume", "--seed", "6", "--optimiser", "muon"];
        let error = create(&config(dir.path(), &other)).unwrap_err();
        let TrainError::OtherRun {
            file,
            mut differences,
        } = error
        else {
            panic!("{error}");
        };
        differences.sort();
        assert_eq!(file, dir.path().join("config.ron"));
        let expected = [
            r#"optimiser.optimiser was "AdamW" and is "Muon" now"#,
            r#"run.preset was "oasis" and is "arena" now"#,
            "run.seed was 5 and is 6 now",
        ];
        assert_eq!(differences, expected);
        let kept: VaeTrainConfig = ron::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(kept, begun, "nothing is lost");
    }

    #[test]
    fn a_run_may_go_on_longer_slower_and_with_other_looks() {
        let dir = tempfile::tempdir().unwrap();
        create(&config(dir.path(), &[])).unwrap();
        fs::create_dir(dir.path().join("checkpoint-0000007")).unwrap();
        let more = ["--steps", "9", "--minutes", "2", "--learning-rate", "1e-4"];
        let looks = ["--resume", "--eval-every", "3", "--checkpoint-every", "4"];
        let folder = create(&config(dir.path(), &[&more[..], &looks].concat())).unwrap();
        assert_eq!(folder.newest().map(|(step, _)| *step), Some(7));
    }
}
