//! In a window, or without one.

mod args;
mod bar;
mod fallback;
mod game;
mod headless;
mod overlay;
mod recording;
mod switches;

use std::process::ExitCode;

use clap::Parser as _;

use args::Args;

/// Plays as the command line says.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = if args.headless {
        headless::run(&args)
    } else {
        fallback::window_or(
            |started| game::run(&args, started),
            |reason| {
                println!(
                    "{reason}: playing without a window into {}",
                    args.out.display()
                );
                headless::run(&args)
            },
        )
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
