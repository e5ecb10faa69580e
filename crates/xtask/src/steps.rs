//! The checks in their order, and the table of what each took.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::facts::can_apt;
use crate::process::CommandLine;
use crate::setup;
use crate::tally::Tally;
use crate::web;

/// One check of `cargo xtask test`; the order here is the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Formatting.
    Fmt,
    /// Lints of every target, warnings denied.
    Clippy,
    /// Unit, integration, doc and GPU tests.
    Tests,
    /// Documentation of every crate, warnings denied.
    Docs,
    /// The page in a browser.
    Web,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Tests => "tests",
            Self::Docs => "docs",
            Self::Web => "web",
        }
    }

    /// Release everywhere and no change of RUSTFLAGS: clippy and docs share one check of the
    /// dependencies, the tests share their build with `cargo run --release`. What is built for the
    /// browser has a profile of its own, and none for tests beside it.
    fn command(self) -> CommandLine {
        match self {
            Self::Fmt => cargo(&["fmt", "--all", "--check"]),
            Self::Clippy => cargo(&[
                "clippy",
                "--release",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]),
            Self::Tests => cargo(&["test", "--release", "--workspace", "--no-fail-fast"])
                .with_env("BVGDM_REQUIRE_GPU", "1"),
            Self::Docs => cargo(&["doc", "--release", "--workspace", "--no-deps"])
                .with_env("RUSTDOCFLAGS", "-D warnings"),
            Self::Web => cargo(&["xtask", "test-web"]),
        }
    }
}

/// Sets the machine up and runs `chosen` (all steps when empty); stops at the first failure. The last
/// line is the count of tests when they were among the steps.
pub fn run_checks(chosen: &[Step]) -> Result<()> {
    let is_wanted = |step: &Step| chosen.is_empty() || chosen.contains(step);
    let steps: Vec<Step> = Step::value_variants()
        .iter()
        .copied()
        .filter(is_wanted)
        .collect();
    let mut report = Report::default();
    let mut tally = Tally::default();

    println!("== set-up");
    report.time("set-up", || {
        setup::prepare(&steps)?;
        match steps.contains(&Step::Web) {
            true => web::set_up_tests(),
            false => Ok(()),
        }
    })?;
    for step in &steps {
        let mut command = step.command();
        // Set-up has put it there.
        if *step == Step::Tests && can_apt() {
            command = command.with_env("BVGDM_REQUIRE_FFMPEG", "1");
        }
        println!("\n== {}\n$ {command}", step.name());
        report
            .time(step.name(), || {
                command.run_observed(|line| tally.observe(line))
            })
            .with_context(|| match step {
                Step::Tests => format!("tests FAILED: {tally}"),
                _ => format!("{} FAILED", step.name()),
            })?;
    }
    report.print();

    if steps.contains(&Step::Tests) {
        if tally.passed == 0 {
            bail!("tests FAILED: no test ran");
        }
        println!("{tally}");
    }
    Ok(())
}

/// Checks the dependencies against `deny.toml`.
pub fn run_deny() -> Result<()> {
    if !cargo(&["deny", "--version"]).succeeds() {
        bail!("cargo-deny is not installed: cargo install --locked cargo-deny");
    }
    cargo(&["deny", "check"]).show_and_run()
}

fn cargo(arguments: &[&str]) -> CommandLine {
    CommandLine::new("cargo", arguments)
}

/// Seconds by step.
#[derive(Default)]
struct Report(Vec<(&'static str, Duration)>);

impl Report {
    /// Runs one step and says how it ended; after a failure the table so far is printed too.
    fn time(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        let outcome = step();
        let elapsed = start.elapsed();
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("-- {name}: {verdict} after {:.1} s", elapsed.as_secs_f64());
        self.0.push((name, elapsed));
        if outcome.is_err() {
            self.print();
        }
        outcome
    }

    fn print(&self) {
        let total: Duration = self.0.iter().map(|(_, elapsed)| *elapsed).sum();
        println!("\n{:<8}{:>9}", "step", "seconds");
        for (name, elapsed) in self.0.iter().chain([&("total", total)]) {
            println!("{name:<8}{:>9.1}", elapsed.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use clap::ValueEnum as _;

    use super::Step;

    #[test]
    fn every_step_that_compiles_for_this_machine_uses_the_one_profile() {
        for step in Step::value_variants() {
            let command = step.command().to_string();
            assert_eq!(
                command.contains("--release"),
                !matches!(step, Step::Fmt | Step::Web),
                "{command}"
            );
        }
    }

    #[test]
    fn the_tests_demand_a_gpu_and_warnings_are_denied() {
        assert!(
            Step::Tests
                .command()
                .to_string()
                .starts_with("BVGDM_REQUIRE_GPU=1 ")
        );
        assert!(
            Step::Clippy
                .command()
                .to_string()
                .ends_with("-- -D warnings")
        );
        assert!(
            Step::Docs
                .command()
                .to_string()
                .starts_with("RUSTDOCFLAGS=\"-D warnings\"")
        );
    }
    #[test]
    fn a_game_that_only_plays_compiles_no_recorder_and_no_encoder_in_cpp() {
        let tree = |features: &[&str]| {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["tree", "--locked", "--offline", "--package", "bvgdm"]);
            let out = cargo.args(["--edges", "normal,build"]).args(features);
            let out = out.output().unwrap();
            assert!(
                out.status.success(),
                "{}",
                String::from_utf8_lossy(&out.stderr)
            );
            String::from_utf8(out.stdout).unwrap()
        };
        let recorder = |tree: &str| tree.contains("bvgdm_data") && tree.contains("openh264");
        assert!(recorder(&tree(&[])));
        let plays = tree(&["--no-default-features", "--features", "pbr"]);
        assert!(plays.contains("bvgdm_engine"));
        assert!(!plays.contains("bvgdm_data") && !plays.contains("openh264"));
    }
}
