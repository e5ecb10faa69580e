#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]
#![forbid(unsafe_code)]

mod commands;
mod count;
mod engine;
mod gpu;
mod output;
mod passes_player;
mod plan;
mod player;
mod progress;
mod rollout;
mod sampling;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Train, measure, play and inspect world models
#[derive(Debug, Parser)]
#[command(name = "bvgdm", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train one stage of a world on recorded episodes
    #[command(subcommand)]
    Train(commands::train::Stage),
    /// Measure a world on held-out episodes
    Eval(commands::eval::Args),
    /// Play a world without a window and write what it generates
    Play(commands::play::Args),
    /// Measure how fast a world is on this machine
    Bench(commands::bench::Args),
    /// Bring what others made
    #[command(subcommand)]
    Import(commands::import::Source),
    /// Make a video, an animation or pictures of an episode or of a world that is played
    Export(commands::export::Args),
    /// Print what a preset or a world costs
    Inspect(commands::inspect::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Train(stage) => commands::train::run(stage),
        Command::Eval(args) => commands::eval::run(&args),
        Command::Play(args) => commands::play::run(&args),
        Command::Bench(args) => commands::bench::run(&args),
        Command::Import(source) => commands::import::run(&source),
        Command::Export(args) => commands::export::run(&args),
        Command::Inspect(args) => commands::inspect::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    fn refusal(arguments: &str) -> String {
        let words = arguments.split(' ');
        Cli::try_parse_from(words).unwrap_err().to_string()
    }

    #[test]
    fn no_quality_of_another_sampler_is_saved() {
        for option in ["--steps 1", "--noise-scale 1"] {
            let error = refusal(&format!("bvgdm eval w.world.ron episodes --save {option}"));
            assert!(error.contains("--save"), "{error}");
        }
    }

    #[test]
    fn no_way_of_printing_figures_is_passed_over() {
        for option in ["--json", "--steady"] {
            let error = refusal(&format!("bvgdm bench w.world.ron --by-kind {option}"));
            assert!(error.contains("--by-kind"), "{error}");
        }
    }
}
