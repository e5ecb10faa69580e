#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod facts;
mod process;
mod setup;
mod steps;
mod tally;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use steps::Step;
use web::Part;

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
    /// Installs what the browser build needs and is not there.
    WebSetup {
        /// Only these parts (all of them when none is named).
        #[arg(value_enum)]
        parts: Vec<Part>,
    },
    /// Builds the browser's worker and prints what a player has to fetch; fails above the limit.
    WebSize,
    /// Compares and times the browser's worker with the native engine, in Node and in Chromium.
    WebTest {
        /// Fails when the median frame takes more milliseconds.
        #[arg(long)]
        limit_ms: Option<f64>,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Test { steps } => steps::run_checks(&steps),
        Command::Deny => steps::run_deny(),
        Command::WebSetup { parts } => web::set_up(&parts),
        Command::WebSize => web::check_size(),
        Command::WebTest { limit_ms } => web::test(limit_ms),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
