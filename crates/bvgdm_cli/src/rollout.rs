//! A world that a script plays, as a video.

use std::path::Path;

use anyhow::Result;
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::ActionScript;
use bvgdm_data::export::{ExportOptions, Exported, Exporter, Recording};
use bvgdm_train::backend::Job;

use crate::player::Player;
use crate::progress;
use crate::sampling::Sampling;

/// How a world is played without a window.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Settings {
    /// Which of the world's starts
    #[arg(long, default_value_t = 0)]
    pub start: usize,
    /// Seed of the noise
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub sampling: Sampling,
}

/// Plays a world and writes what it generates; the size of the world's frames decides the options.
pub struct RollOut<'a, F> {
    pub world: &'a Path,
    pub script: &'a str,
    pub frames: usize,
    pub settings: Settings,
    pub out: &'a Path,
    pub options: F,
}

impl<F: FnOnce((usize, usize)) -> Result<ExportOptions>> Job for RollOut<'_, F> {
    type Output = Result<Exported>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<Exported> {
        let Settings {
            start,
            seed,
            sampling,
        } = self.settings;
        let mut player =
            Player::<B::InnerBackend>::load(self.world, start, seed, sampling, &device)?;
        let schema = player.manifest.schema.clone();
        let script = ActionScript::parse(self.script, &schema)?;
        let (width, height) = (
            player.world.config.vae.width,
            player.world.config.vae.height,
        );
        let actions: Vec<_> = (0..self.frames).map(|t| script.at(t, &schema)).collect();
        let recording = Recording {
            width,
            height,
            fps: player.manifest.fps,
            schema,
            actions: actions.clone(),
        };
        let options = (self.options)((width, height))?;
        let mut exporter = Exporter::create(self.out, recording, &options)?;
        let bar = progress::bar(self.frames as u64, "play");
        for action in &actions {
            exporter.push(&player.step(action)?.frame)?;
            bar.inc(1);
        }
        bar.abandon();
        Ok(exporter.finish()?)
    }
}
