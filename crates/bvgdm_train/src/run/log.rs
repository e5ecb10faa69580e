//! What a run tells, kept in its folder.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;

use bvgdm_core::CoreError;

use super::folder::RunFolder;
use crate::error::Result;
use crate::message::TrainMessage;

/// Of the optimiser steps, every so many is kept.
const EVERY: u64 = 10;

/// `log.jsonl`: one message a line, of those that curves are drawn of. A run that goes on appends; steps
/// that it takes again since its checkpoint come again.
pub struct RunLog {
    path: PathBuf,
    /// None once it could not be written to.
    file: Option<File>,
}

impl RunLog {
    /// The log of the run in this folder.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn open(folder: &RunFolder) -> Result<Self> {
        let (path, again) = (folder.file("log.jsonl"), folder.newest().is_some());
        let mut options = File::options();
        let options = options.create(true).write(true);
        let file = options.append(again).truncate(!again).open(&path);
        Ok(Self {
            file: Some(file.map_err(|e| CoreError::io(&path, e))?),
            path,
        })
    }

    /// Passes a message on to `tell`, and keeps it. Where that fails, a warning says so once, and the run
    /// goes on.
    pub fn pass(&mut self, message: TrainMessage, tell: &mut dyn FnMut(TrainMessage)) {
        let kept = match &message {
            TrainMessage::Progress { .. } => false,
            TrainMessage::Step { step, .. } => step.is_multiple_of(EVERY),
            _ => true,
        };
        if kept && let Err(error) = self.write(&message) {
            tell(TrainMessage::Warning {
                text: error.to_string(),
            });
        }
        tell(message);
    }

    fn write(&mut self, message: &TrainMessage) -> Result<(), CoreError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let line = serde_json::to_vec(message).map_err(io::Error::from);
        let written = line.and_then(|mut line| {
            line.push(b'\n');
            file.write_all(&line)
        });
        written.map_err(|error| {
            self.file = None;
            CoreError::io(&self.path, error)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::{VaeTrainConfig, of_flags};

    fn step(step: u64) -> TrainMessage {
        TrainMessage::Step {
            step,
            steps: 40,
            loss: 0.5,
            learning_rate: 1e-3,
            gradient_norm: 2.0,
            examples_per_s: 7.0,
            left_s: 3.0,
            memory_bytes: None,
        }
    }

    fn eval(step: u64) -> TrainMessage {
        TrainMessage::Eval {
            step,
            psnr: 21.5,
            baseline_psnr: None,
            rollout_psnr: Some(14.0),
            strip: "strip.png".into(),
        }
    }

    #[test]
    fn curves_are_kept_as_they_are_told_and_go_on_where_the_run_does() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().to_str().unwrap();
        let path = dir.path().join("log.jsonl");
        fs::write(&path, "of a run that never came to a checkpoint\n").unwrap();
        let mut told = 0;
        let mut pass = |steps: std::ops::RangeInclusive<u64>, resume: &[&str]| {
            let flags = [&["--episodes", "e", "--out", out][..], resume].concat();
            let config: VaeTrainConfig = of_flags(&flags);
            let folder = RunFolder::create(&config.run, &config).unwrap();
            let mut log = RunLog::open(&folder).unwrap();
            let last = *steps.end();
            for message in steps.map(step).chain([eval(last)]) {
                log.pass(message, &mut |_| told += 1);
            }
        };
        pass(1..=20, &[]);
        fs::create_dir(dir.path().join("checkpoint-0000020")).unwrap();
        pass(21..=30, &["--resume"]);
        assert_eq!(told, 32, "all of them are passed on");

        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            format!("{} {}", line["message"].as_str().unwrap(), line["step"])
        });
        let expected = ["step 10", "step 20", "eval 20", "step 30", "eval 30"];
        assert_eq!(lines.collect::<Vec<_>>(), expected);
        for number in ["learning_rate", "gradient_norm", "psnr", "rollout_psnr"] {
            assert!(text.contains(number), "{number} is not in: {text}");
        }
    }
}
