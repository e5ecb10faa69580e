//! `bvgdm inspect`.

use std::path::Path;

use anyhow::Result;
use bvgdm_core::{Cost, SlidingWindow, StageCost, VaeConfig, WorldConfig, WorldManifest, preset};
use bvgdm_model::import::{diffusers_config, is_diffusers};

use crate::output::say;
use crate::plan::read_plan;
use crate::table::{self, megabytes, row};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A preset (arena, oasis, DiT-S/2, ... DiT-XL/8, or a file of sizes NAME.ron), a manifest
    /// (NAME.world.ron), or a folder with a VAE in the layout of diffusers
    what: String,
    /// Size of the pictures, for a VAE alone
    #[arg(long, value_name = "WxH", default_value = "640x360", value_parser = parse_size)]
    size: [usize; 2],
    /// Denoising passes a frame [default: the sampler's]
    #[arg(long)]
    steps: Option<usize>,
    /// Print the passes that play a world
    #[arg(long)]
    plan: bool,
    /// Windows of a training batch
    #[arg(long, default_value_t = 4)]
    batch: usize,
    /// Frames of a training window
    #[arg(long, default_value_t = 12)]
    frames: usize,
}

pub fn run(args: &Args) -> Result<()> {
    let folder = Path::new(&args.what);
    if is_diffusers(folder) {
        print_vae(&diffusers_config(&folder.join("config.json"), args.size)?);
        return Ok(());
    }
    let config = if args.what.ends_with(".world.ron") {
        let path = Path::new(&args.what);
        let manifest = WorldManifest::load(path)?;
        if args.plan {
            say!("{}", read_plan(path, &manifest)?);
            return Ok(());
        }
        print_manifest(&manifest);
        manifest.config
    } else {
        preset(&args.what)?
    };
    print_cost(&config, args);
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

fn print_cost(config: &WorldConfig, args: &Args) {
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

    let steps = args.steps.unwrap_or(config.sampler.steps);
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
    let train = cost.train_bytes(config, args.batch, args.frames);
    say!("weights    {} in f16", megabytes(2 * all.parameters));
    say!(
        "to play    {} (weights in f32, keys and values)",
        megabytes(play.memory_bytes)
    );
    say!(
        "to train   {} ({} windows of {} frames; DiT, about)",
        megabytes(train),
        args.batch,
        args.frames
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
    use super::count;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [count(7), count(1000), count(12_345_678)],
            ["7", "1 000", "12 345 678"]
        );
    }
}
