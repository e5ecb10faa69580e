//! `bvgdm import oasis`.

use std::path::PathBuf;

use anyhow::Result;
use bvgdm_model::WeightsDtype;
use bvgdm_model::import::{OasisFiles, import_oasis, oasis_config};

use crate::output::say;
use crate::table::megabytes;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The DiT (oasis500m.safetensors)
    #[arg(long, value_name = "FILE")]
    dit: PathBuf,
    /// The ViT-VAE (vit-l-20.safetensors)
    #[arg(long, value_name = "FILE")]
    vae: PathBuf,
    /// Where the world goes (NAME.world.ron, and NAME.safetensors beside it)
    #[arg(long, value_name = "NAME.world.ron")]
    out: PathBuf,
    /// Sizes in open-oasis' own words (config.json) [default: those of Oasis 500M]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How the weights are stored
    #[arg(long, value_enum, default_value_t = Dtype::F16)]
    dtype: Dtype,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Dtype {
    /// Half the size
    F16,
    /// Exact
    F32,
}

pub fn run(args: &Args) -> Result<()> {
    let config = oasis_config(args.config.as_deref())?;
    let files = OasisFiles {
        dit: args.dit.clone(),
        vae: args.vae.clone(),
        out: args.out.clone(),
    };
    let dtype = match args.dtype {
        Dtype::F16 => WeightsDtype::F16,
        Dtype::F32 => WeightsDtype::F32,
    };
    let manifest = import_oasis(&files, &config, dtype)?;
    say!(
        "{}: {} actions, {} frames a second, {} of weights",
        args.out.display(),
        manifest.schema.len(),
        manifest.fps,
        megabytes(manifest.weights.bytes)
    );
    Ok(())
}
