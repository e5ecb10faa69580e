//! `bvgdm play`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::ActionScript;
use bvgdm_data::VideoWriter;
use bvgdm_train::backend::Job;

use crate::engine::Engine;
use crate::player::Player;
use crate::progress;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The manifest (NAME.world.ron)
    world: PathBuf,
    /// What is held: words such as W*40 D*20 W+Space*10, again from the front at the end
    #[arg(long, default_value = "W*40 Right*20")]
    actions: String,
    /// Frames to generate
    #[arg(long, default_value_t = 400)]
    frames: usize,
    /// play.mp4, play.gif, or a folder for PNGs
    #[arg(long)]
    out: PathBuf,
    /// How much larger than the world's frames
    #[arg(long, default_value_t = 4)]
    scale: u32,
    /// Which of the world's starts
    #[arg(long, default_value_t = 0)]
    start: usize,
    /// Seed of the noise
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Denoising passes a frame [default: the world's]
    #[arg(long)]
    steps: Option<usize>,
    #[command(flatten)]
    engine: Engine,
}

pub fn run(args: &Args) -> Result<()> {
    args.engine.run(PlayJob(args)).context("play")
}

struct PlayJob<'a>(&'a Args);

impl Job for PlayJob<'_> {
    type Output = Result<()>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<()> {
        let args = self.0;
        let mut player = Player::<B::InnerBackend>::load(
            &args.world,
            args.start,
            args.seed,
            args.steps,
            &device,
        )?;
        let schema = player.manifest.schema.clone();
        let script = ActionScript::parse(&args.actions, &schema)?;
        let (size, fps) = (player.world.config.vae.clone(), player.manifest.fps);
        let mut video = VideoWriter::create(&args.out, size.width, size.height, fps, args.scale)?;
        let bar = progress::bar(args.frames as u64, "play");
        for t in 0..args.frames {
            let played = player.step(&script.at(t, &schema))?;
            video.push(&played.frame)?;
            bar.inc(1);
        }
        video.finish()?;
        bar.abandon();
        println!("{} frames: {}", args.frames, args.out.display());
        Ok(())
    }
}
