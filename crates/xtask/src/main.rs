#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod facts;
mod process;
mod setup;
mod steps;
mod tally;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use steps::Step;

/// Set-up and checks of the BVGDM workspace.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what the tests need, then runs every check and stops at the first that fails.
    Test {
        /// Only these steps, in the usual order (all of them when none is named).
        #[arg(value_enum)]
        steps: Vec<Step>,
    },
    /// Checks the licences, advisories and sources of the dependencies with cargo-deny.
    Deny,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Test { steps } => steps::run_checks(&steps),
        Command::Deny => steps::run_deny(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
