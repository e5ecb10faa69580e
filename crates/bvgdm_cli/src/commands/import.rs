//! `bvgdm import`: one file a source.

#[cfg(feature = "csgo")]
pub mod csgo;
pub mod frames;
pub mod oasis;
pub mod vpt;

use anyhow::{Context as _, Result};

#[derive(Debug, clap::Subcommand)]
pub enum Source {
    /// Make a world of the published checkpoints of Oasis 500M, or of a network of its kind
    Oasis(oasis::Args),
    /// Make episodes of videos with logs of keys and mouse (VPT, BASALT), or of videos alone
    Vpt(vpt::Args),
    /// Make an episode of a folder of PNGs with actions.jsonl
    Frames(frames::Args),
    /// Make episodes of Counter-Strike recordings in HDF5
    #[cfg(feature = "csgo")]
    Csgo(csgo::Args),
}

pub fn run(source: &Source) -> Result<()> {
    match source {
        Source::Oasis(args) => oasis::run(args).context("import oasis"),
        Source::Vpt(args) => vpt::run(args).context("import vpt"),
        Source::Frames(args) => frames::run(args).context("import frames"),
        #[cfg(feature = "csgo")]
        Source::Csgo(args) => csgo::run(args).context("import csgo"),
    }
}
