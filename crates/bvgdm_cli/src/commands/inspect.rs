//! `bvgdm inspect`.

use std::path::Path;

use anyhow::{Result, bail};
use bvgdm_core::{Cost, SlidingWindow, StageCost, VaeConfig, WorldConfig, WorldManifest, preset};
use bvgdm_model::import::{diffusers_config, is_diffusers};

use crate::count::parse_count;
use crate::output::say;
use crate::plan::read_plan;
use crate::sampling::Sampling;
use crate::table::{self, megabytes, row};

/// What is taken when nothing is said: pictures of a VAE, windows of a batch and their frames.
const SIZE: [usize; 2] = [640, 360];
const BATCH: usize = 4;
const FRAMES: usize = 12;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A preset (arena, oasis, DiT-S/2, ... DiT-XL/8, or a file of sizes NAME.ron), a manifest
    /// (NAME.world.ron), or a folder with a VAE in the layout of diffusers
    what: String,
    /// Size of the pictures, for a VAE alone [default: 640x360]
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    size: Option<[usize; 2]>,
    /// Denoising passes a frame [default: the sampler's]
    #[arg(long, conflicts_with = "plan")]
    steps: Option<usize>,
    /// Print the passes that play a world
    #[arg(long)]
    plan: bool,
    /// Windows of a training batch [default: 4]
    #[arg(long, conflicts_with = "plan", value_parser = parse_count)]
    batch: Option<usize>,
    /// Frames of a training window [default: 12]
    #[arg(long, conflicts_with = "plan", value_parser = parse_count)]
    frames: Option<usize>,
}

impl Args {
    /// Refuses options that would do nothing.
    fn refuse(&self, what: &str, options: &[(&str, bool)]) -> Result<()> {
        match options.iter().find(|(_, given)| *given) {
            Some((option, _)) => bail!("{}: {option} is not for {what}", self.what),
            None => Ok(()),
        }
    }
}

pub fn run(args: &Args) -> Result<()> {
    let folder = Path::new(&args.what);
    let is_world = args.what.ends_with(".world.ron");
    if is_diffusers(folder) {
        args.refuse(
            "a VAE",
            &[
                ("--steps", args.steps.is_some()),
                ("--plan", args.plan),
                ("--batch", args.batch.is_some()),
                ("--frames", args.frames.is_some()),
            ],
        )?;
        let size = args.size.unwrap_or(SIZE);
        print_vae(&diffusers_config(&folder.join("config.json"), size)?);
        return Ok(());
    }
    let what = if is_world { "a world" } else { "a preset" };
    args.refuse(
        what,
        &[
            ("--size", args.size.is_some()),
            ("--plan", args.plan && !is_world),
        ],
    )?;
    if !is_world {
        let config = preset(&args.what)?;
        let sampler = Sampling::of_steps(args.steps).checked(&config)?;
        print_cost(&config, sampler.steps, args);
        return Ok(());
    }
    let path = Path::new(&args.what);
    let manifest = WorldManifest::load(path)?;
    if args.plan {
        say!("{}", read_plan(path, &manifest)?);
        return Ok(());
    }
    let sampler = Sampling::of_steps(args.steps).checked(&manifest.config)?;
    print_manifest(&manifest);
    print_cost(&manifest.config, sampler.steps, args);
    Ok(())
}

fn print_manifest(manifest: &WorldManifest) {
    let actions: Vec<_> = manifest.schema.names().collect();
    let origin = &manifest.trained_on;
    say!("{} at {} frames a second", manifest.name, manifest.fps);
    say!("actions: {}", actions.join(", "));
    say!(
        "weights: {}, {}",
        manifest.weights.file,
        megabytes(manifest.weights.bytes)
    );
    if origin.frames == 0 {
        say!("from {}", origin.game);
    } else {
        say!(
            "trained on {} frames of {:?}: {} steps of the VAE, {} of the DiT; {}",
            origin.frames,
            origin.game,
            origin.vae_steps,
            origin.dit_steps,
            origin.machine
        );
    }
    for (name, value) in &manifest.quality {
        say!("  {name} {value:.4}");
    }
    say!("");
}

/// A VAE by itself.
fn print_vae(vae: &VaeConfig) {
    let [channels, height, width] = vae.latent_shape();
    say!("frame      {} x {} pixels", vae.width, vae.height);
    say!("latent     {channels} x {height} x {width}");
    say!("VAE        {}", vae.network.name());
    say!(
        "scale      {}, shift {}",
        vae.latent_scale,
        vae.latent_shift
    );
    say!("");
    let [encoder, decoder] = Cost::of_vae(vae);
    table::print(&[
        row(["stage", "parameters", "GFLOP/frame"]),
        line("encoder", Some(encoder.parameters), encoder.flop),
        line("decoder", Some(decoder.parameters), decoder.flop),
    ]);
    say!("");
    let parameters = encoder.parameters + decoder.parameters;
    say!("weights    {} in f16", megabytes(2 * parameters));
}

fn line(name: &str, parameters: Option<u64>, flop: u64) -> Vec<String> {
    let parameters = parameters.map(count).unwrap_or_default();
    let flop = format!("{:.3}", flop as f64 / 1e9);
    vec![name.to_owned(), parameters, flop]
}

/// `640x360`.
fn parse_size(text: &str) -> Result<[usize; 2], String> {
    let side = |side: &str| side.trim().parse().ok();
    text.split_once('x')
        .and_then(|(width, height)| Some([side(width)?, side(height)?]))
        .ok_or_else(|| format!("expected WIDTHxHEIGHT, found {text:?}"))
}

/// Of frames that are drawn in `steps` passes.
fn print_cost(config: &WorldConfig, steps: usize, args: &Args) {
    let (vae, dit) = (&config.vae, &config.dit);
    let [channels, height, width] = vae.latent_shape();
    let [rows, columns] = dit.grid();
    say!("frame      {} x {} pixels", vae.width, vae.height);
    say!("latent     {channels} x {height} x {width}");
    say!("VAE        {}", vae.network.name());
    say!("tokens     {} ({rows} x {columns}) a frame", dit.tokens());
    say!("window     {} frames", dit.window);
    say!(
        "DiT        {} wide, {} blocks, {} heads",
        dit.hidden,
        dit.depth,
        dit.heads
    );
    say!("");

    let cost = Cost::of(config);
    let play = cost.play(config, steps);
    let all = StageCost {
        parameters: cost.parameters(),
        flop: play.total_flop(),
    };
    let context = match dit.sliding {
        SlidingWindow::Banded => "  commit",
        SlidingWindow::Recomputed => "  context, once the window slides",
    };
    table::print(&[
        row(["stage", "parameters", "GFLOP/frame"]),
        line(
            "encoder (not in play)",
            Some(cost.encoder.parameters),
            cost.encoder.flop,
        ),
        line("DiT, one pass", Some(cost.dit.parameters), cost.dit.flop),
        line(
            &format!("  denoise, {steps} passes"),
            None,
            play.denoise_flop,
        ),
        line(context, None, play.commit_flop),
        line("decoder", Some(cost.decoder.parameters), play.decode_flop),
        line("generated frame, in all", Some(all.parameters), all.flop),
        line("the same without a cache", None, play.naive_flop),
    ]);
    say!("");
    let (batch, frames) = (args.batch.unwrap_or(BATCH), args.frames.unwrap_or(FRAMES));
    let train = cost.train_bytes(config, batch, frames);
    say!("weights    {} in f16", megabytes(2 * all.parameters));
    say!(
        "to play    {} (weights in f32, keys and values)",
        megabytes(play.memory_bytes)
    );
    say!(
        "to train   {} ({batch} windows of {frames} frames; DiT, about)",
        megabytes(train)
    );
}

/// A number with blanks between its thousands.
fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_that_no_sampler_takes_are_refused_as_in_play() {
        for what in ["arena", "../../assets/worlds/arena.world.ron"] {
            for steps in [0, 51, usize::MAX] {
                let args = Args {
                    what: what.to_owned(),
                    size: None,
                    steps: Some(steps),
                    plan: false,
                    batch: None,
                    frames: None,
                };
                let error = run(&args).unwrap_err().to_string();
                let expected = format!("sampler.steps: expected 1 to 50, found {steps}");
                assert_eq!(error, expected, "{what}");
            }
        }
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [count(7), count(1000), count(12_345_678)],
            ["7", "1 000", "12 345 678"]
        );
    }
}
