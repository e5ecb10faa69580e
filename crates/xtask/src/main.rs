#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod facts;
mod process;
mod setup;
mod steps;
mod tally;
mod web;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use steps::Step;
use web::{Bundle, Finish, Part};

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
    /// Builds the page: all that a static host serves.
    WebBuild {
        /// The folder; what an earlier build has left there is replaced (web/dist when not given).
        #[arg(long, value_parser = |path: &str| std::path::absolute(path))]
        out: Option<PathBuf>,
        /// Only this bundle of the game.
        #[arg(long, value_enum)]
        bundle: Option<Bundle>,
        /// The manifest of the world, with its weights beside it (the arena when not given).
        #[arg(long, value_name = "NAME.world.ron", value_parser = |path: &str| std::path::absolute(path))]
        world: Option<PathBuf>,
    },
    /// Builds the worker alone, the processor's engine in a browser: for a game of your own.
    WebWorker {
        /// The folder that its page serves as `worker/`; an earlier worker there is replaced.
        #[arg(long, value_name = "FOLDER", value_parser = |path: &str| std::path::absolute(path))]
        out: PathBuf,
    },
    /// Builds the page and prints what a player has to fetch of it; fails above the limits.
    WebSize,
    /// Builds the page and plays it in Chromium, Firefox and `WebKit`, against the native engine; installs what
    /// is missing.
    TestWeb {
        /// Fails when the worker's median frame takes more milliseconds.
        #[arg(long)]
        limit_ms: Option<f64>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    enter_workspace()?;
    match command {
        Command::Test { steps } => steps::run_checks(&steps),
        Command::Deny => steps::run_deny(),
        Command::WebSetup { parts } => web::set_up(&parts),
        Command::WebBuild { out, bundle, world } => {
            let bundles = bundle.map_or_else(|| Bundle::ALL.to_vec(), |bundle| vec![bundle]);
            web::build(out.as_deref(), &bundles, world.as_deref(), Finish::Small).map(drop)
        }
        Command::WebWorker { out } => web::build_worker(&out),
        Command::WebSize => web::check_size(),
        Command::TestWeb { limit_ms } => web::test(limit_ms),
    }
}

/// Trunk calls from `web/`, and so may anybody. Cargo tells where this package is. (A path among the
/// arguments is absolute by then.)
fn enter_workspace() -> Result<()> {
    if let Some(package) = env::var_os("CARGO_MANIFEST_DIR") {
        env::set_current_dir(Path::new(&package).join("../.."))?;
    }
    Ok(())
}
