//! `bvgdm import`: one file a source.

pub mod oasis;

use anyhow::{Context as _, Result};

#[derive(Debug, clap::Subcommand)]
pub enum Source {
    /// Make a world of the published checkpoints of Oasis 500M, or of a network of its kind
    Oasis(oasis::Args),
}

pub fn run(source: &Source) -> Result<()> {
    match source {
        Source::Oasis(args) => oasis::run(args).context("import oasis"),
    }
}
