//! What the settings may be, checked before any work is done.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use super::{DitTrainConfig, OptimiserConfig, RunConfig, VaeTrainConfig};
use crate::error::{Result, TrainError};

/// No count of steps is higher.
const MOST_STEPS: u64 = 1_000_000_000_000;
/// No count of examples is higher.
const MOST: usize = 1 << 16;

impl VaeTrainConfig {
    /// Checks every range.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn validate(&self) -> Result<()> {
        self.run.validate()?;
        self.optimiser.validate()?;
        within("batch", self.batch, 1, MOST)?;
        within("kl", self.kl, 0.0, 1e3)
    }
}

impl DitTrainConfig {
    /// Checks every range but that of the sampler's steps, which is the world's.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn validate(&self) -> Result<()> {
        self.run.validate()?;
        self.optimiser.validate()?;
        within("batch", self.batch, 1, MOST)?;
        within("frames", self.frames, 2, MOST)?;
        within("targets", self.targets, 1, MOST)?;
        within("pure-noise", self.pure_noise, 0.0, 1.0)?;
        within("detail", self.detail, 0.0, 2.0)?;
        within("context-noise", self.context_noise, 0.0, 1.0)?;
        within("own-context-after", self.own_context_after, 0.0, 1.0)?;
        within("own-context-depth", self.own_context_depth, 0, MOST)?;
        within("own-context-batches", self.own_context_batches, 1, MOST)?;
        within("own-context-uses", self.own_context_uses, 1, MOST)?;
        // A run that goes on begins with it once more, and by then it would be what the run had written.
        if self
            .run
            .from
            .as_deref()
            .is_some_and(|from| same_file(from, &self.world))
        {
            let found = self.world.display();
            return Err(wrong("world", "another file than --from", found));
        }
        // What is to be drawn of one noise is drawn once.
        if self.distil && self.targets != 1 {
            return Err(wrong("targets", "1 with --distil", self.targets));
        }
        match self.distil && (self.run.from.is_none() || self.sampler_steps.is_none()) {
            true => Err(wrong(
                "distil",
                "--from and --sampler-steps beside it",
                "not both",
            )),
            false => Ok(()),
        }
    }
}

/// Whether two paths lead to one file.
fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        // One of them is not there.
        _ => a == b,
    }
}

impl RunConfig {
    fn validate(&self) -> Result<()> {
        within("held-out", self.held_out, 0.0, 1.0)?;
        within("checkpoint-every", self.checkpoint_every, 1, MOST_STEPS)?;
        within("eval-every", self.eval_every, 1, MOST_STEPS)
    }
}

impl OptimiserConfig {
    fn validate(&self) -> Result<()> {
        if let Some(steps) = self.steps {
            within("steps", steps, 1, MOST_STEPS)?;
        }
        if let Some(minutes) = self.minutes {
            positive("minutes", minutes)?;
        }
        positive("learning-rate", self.learning_rate)?;
        within("warmup", self.warmup, 0, MOST_STEPS)?;
        within("decay", self.decay, 0.0, 1.0)?;
        within("weight-decay", self.weight_decay, 0.0, 100.0)?;
        positive("clip", self.clip)?;
        within("ema", self.ema, 0.0, 1.0)
    }
}

/// Fails unless `value` lies between `min` and `max`; written so that NaN fails too.
fn within<T: PartialOrd + Display>(setting: &str, value: T, min: T, max: T) -> Result<()> {
    match value >= min && value <= max {
        true => Ok(()),
        false => Err(wrong(setting, format!("{min} to {max}"), value)),
    }
}

/// Fails unless `value` is a finite number above 0.
fn positive(setting: &str, value: f64) -> Result<()> {
    match value.is_finite() && value > 0.0 {
        true => Ok(()),
        false => Err(wrong(setting, "a number above 0", value)),
    }
}

/// Settings bear the names that they have on the command line.
fn wrong(setting: &str, expected: impl Display, found: impl Display) -> TrainError {
    TrainError::unsuitable(format!("--{setting}"), expected, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::of_flags;

    fn dit(more: &[&str]) -> Result<()> {
        let from = match more.contains(&"--from") {
            true => &[][..],
            false => &["--from", "a"],
        };
        let flags = ["--episodes", "e", "--out", "o", "--world", "b"];
        of_flags::<DitTrainConfig>(&[&flags[..], from, more].concat()).validate()
    }

    fn vae(more: &[&str]) -> Result<()> {
        let flags = ["--episodes", "e", "--out", "o"];
        of_flags::<VaeTrainConfig>(&[&flags[..], more].concat()).validate()
    }

    #[test]
    fn what_is_not_given_is_in_its_range() {
        dit(&[]).unwrap();
        vae(&[]).unwrap();
    }

    #[test]
    fn who_learns_from_a_world_names_it_and_how_many_passes_it_is_to_have() {
        dit(&["--distil", "--sampler-steps", "2"]).unwrap();
        let flags = "--episodes e --out o --from a --world b --distil --sampler-steps 2";
        let mut config: DitTrainConfig = of_flags(&flags.split(' ').collect::<Vec<_>>());
        config.run.from = None;
        let error = config.validate().unwrap_err().to_string();
        let expected = "--distil: expected --from and --sampler-steps beside it, found not both";
        assert_eq!(error, expected);
        let flags = ["--distil", "--sampler-steps", "2", "--targets", "3"];
        let error = dit(&flags).unwrap_err().to_string();
        assert_eq!(error, "--targets: expected 1 with --distil, found 3");
    }

    #[test]
    fn no_world_is_written_over_the_one_that_its_run_begins_from() {
        let error = dit(&["--from", "b"]).unwrap_err().to_string();
        assert_eq!(error, "--world: expected another file than --from, found b");

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.world.ron");
        fs::write(&file, "").unwrap();
        assert!(same_file(&folder.path().join("./a.world.ron"), &file));
        assert!(!same_file(&folder.path().join("b.world.ron"), &file));
    }

    #[test]
    fn a_setting_out_of_its_range_is_named_with_what_it_may_be() {
        for (flag, range, found) in [
            ("--pure-noise", "0 to 1", "70"),
            ("--context-noise", "0 to 1", "-0.1"),
            ("--frames", "2 to 65536", "1"),
            ("--batch", "1 to 65536", "0"),
            ("--targets", "1 to 65536", "0"),
            ("--detail", "0 to 2", "NaN"),
            ("--own-context-after", "0 to 1", "1.5"),
            ("--own-context-depth", "0 to 65536", "18446744073709551615"),
            ("--own-context-uses", "1 to 65536", "0"),
            ("--held-out", "0 to 1", "10"),
            ("--eval-every", "1 to 1000000000000", "0"),
            ("--steps", "1 to 1000000000000", "0"),
            ("--minutes", "a number above 0", "-3"),
            ("--learning-rate", "a number above 0", "inf"),
            ("--decay", "0 to 1", "2"),
            ("--clip", "a number above 0", "0"),
            ("--ema", "0 to 1", "NaN"),
        ] {
            let error = dit(&[&format!("{flag}={found}")]).unwrap_err();
            let expected = format!("{flag}: expected {range}, found {found}");
            assert_eq!(error.to_string(), expected);
        }
        let error = vae(&["--kl=-1"]).unwrap_err().to_string();
        assert_eq!(error, "--kl: expected 0 to 1000, found -1");
    }
}
