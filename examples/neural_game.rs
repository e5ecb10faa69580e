//! A game that consists of weights: WASD and mouse walk through a world that no longer exists as
//! code.
//!
//! With `--headless`, or where there is no display, it plays a script of actions and writes what
//! the model generated.

mod neural_game {
    pub mod args;
    pub mod controls;
    pub mod fallback;
    pub mod game;
    pub mod headless;
    pub mod loading;
    pub mod overlay;
    pub mod recording;
    pub mod screen;
    pub mod upscale;
}

use std::process::ExitCode;

use clap::Parser as _;

use neural_game::args::Args;
use neural_game::{fallback, game, headless};

fn main() -> ExitCode {
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
