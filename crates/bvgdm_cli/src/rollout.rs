//! A world that a script plays, as a video.

use std::path::Path;

use anyhow::Result;
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::{ActionScript, ActionVector, Frame, WorldManifest};
use bvgdm_data::export::{ExportOptions, Exported, Exporter, Recording};
use bvgdm_plan::{Plan, PlanError};
use bvgdm_train::backend::{BackendKind, Job, dispatch};

use crate::passes_player::{PassesEngine, PassesPlayer};
use crate::plan::read_plan;
use crate::player::Player;
use crate::progress;
use crate::sampling::Sampling;

/// What is held where nothing else is asked for, as far as the world knows it.
const ACTIONS: &str = "W*40 Right*20";

/// How a world is played without a window.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// What is held: words such as W*40 D*20 W+Space*10, again from the front at the end [default: "W*40
    /// Right*20"]
    #[arg(long, value_name = "SCRIPT")]
    pub actions: Option<String>,
    /// Which of the world's starts [default: 0]
    #[arg(long)]
    pub start: Option<usize>,
    /// Seed of the noise [default: 1]
    #[arg(long)]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub sampling: Sampling,
    /// What the passes run on [default: cpu]
    #[arg(long, value_enum, conflicts_with = "backend")]
    pub engine: Option<PassesEngine>,
    /// Engine of the burn modules; wgpu, cuda and tch only if this build has them [default: the passes on the
    /// processor, and cpu for a world that they do not cover]
    #[arg(long, value_enum)]
    pub backend: Option<BackendKind>,
}

impl Settings {
    /// An option that was given, if one was.
    pub fn given(&self) -> Option<&'static str> {
        let Sampling { steps, noise_scale } = self.sampling;
        let given = [
            ("--actions", self.actions.is_some()),
            ("--start", self.start.is_some()),
            ("--seed", self.seed.is_some()),
            ("--steps", steps.is_some()),
            ("--noise-scale", noise_scale.is_some()),
            ("--engine", self.engine.is_some()),
            ("--backend", self.backend.is_some()),
        ];
        let given = given.into_iter().find(|(_, given)| *given);
        given.map(|(option, _)| option)
    }

    fn start(&self) -> usize {
        self.start.unwrap_or(0)
    }

    fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }
}

/// Plays a world and writes what it generates; the size of the world's frames decides the options.
pub struct RollOut<'a, F> {
    pub world: &'a Path,
    pub frames: usize,
    pub settings: &'a Settings,
    pub out: &'a Path,
    pub options: F,
}

impl<F: FnOnce((usize, usize)) -> Result<ExportOptions> + Send> RollOut<'_, F> {
    /// By the passes, or by the burn modules where they are asked for or needed.
    pub fn play(self) -> Result<Exported> {
        if let Some(backend) = self.settings.backend {
            return dispatch(backend, self)?;
        }
        let manifest = WorldManifest::load(self.world)?;
        match read_plan(self.world, &manifest) {
            Ok(plan) => self.by_passes(manifest, plan),
            Err(error) => {
                let reason = error.downcast_ref();
                let not_covered = matches!(reason, Some(PlanError::NotCovered { .. }));
                if !not_covered || self.settings.engine.is_some() {
                    return Err(error);
                }
                eprintln!("{error}: the burn modules do");
                dispatch(BackendKind::default(), self)?
            }
        }
    }

    fn by_passes(self, manifest: WorldManifest, plan: Plan) -> Result<Exported> {
        let (start, seed) = (self.settings.start(), self.settings.seed());
        let sampling = self.settings.sampling;
        let engine = self.settings.engine.unwrap_or_default();
        let mut player = PassesPlayer::new(plan, &manifest, start, seed, sampling, engine)?;
        self.write(manifest, |action| player.step(action))
    }

    fn write(
        self,
        manifest: WorldManifest,
        mut step: impl FnMut(&ActionVector) -> Result<Frame>,
    ) -> Result<Exported> {
        let schema = manifest.schema;
        let script = match &self.settings.actions {
            Some(script) => ActionScript::parse(script, &schema)?,
            None => ActionScript::parse_known(ACTIONS, &schema),
        };
        let actions: Vec<_> = (0..self.frames).map(|t| script.at(t, &schema)).collect();
        let (width, height) = (manifest.config.vae.width, manifest.config.vae.height);
        let recording = Recording {
            width,
            height,
            fps: manifest.fps,
            schema,
            actions: actions.clone(),
        };
        let options = (self.options)((width, height))?;
        let mut exporter = Exporter::create(self.out, recording, &options)?;
        let bar = progress::bar(self.frames as u64, "play");
        for action in &actions {
            exporter.push(&step(action)?)?;
            bar.inc(1);
        }
        bar.abandon();
        Ok(exporter.finish()?)
    }
}

impl<F: FnOnce((usize, usize)) -> Result<ExportOptions> + Send> Job for RollOut<'_, F> {
    type Output = Result<Exported>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<Exported> {
        let (start, seed) = (self.settings.start(), self.settings.seed());
        let sampling = self.settings.sampling;
        let mut player =
            Player::<B::InnerBackend>::load(self.world, start, seed, sampling, &device)?;
        let manifest = player.manifest.clone();
        self.write(manifest, |action| Ok(player.step(action)?.frame))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use burn_autodiff::Autodiff;
    use burn_flex::{Flex, FlexDevice};
    use bvgdm_data::read_png;

    use super::*;

    /// The frames of a short roll-out of the arena.
    fn pictures(
        name: &str,
        play: impl FnOnce(RollOut<'_, fn((usize, usize)) -> Result<ExportOptions>>) -> Result<Exported>,
    ) -> Vec<Frame> {
        let out = std::env::temp_dir().join(format!("bvgdm_cli_{name}_{}", std::process::id()));
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
        let exported = play(RollOut {
            world: &assets.join("worlds/arena.world.ron"),
            frames: 3,
            settings: &Settings {
                actions: Some("W*2 Right*1".to_owned()),
                start: Some(1),
                seed: Some(7),
                sampling: Sampling::default(),
                engine: None,
                backend: None,
            },
            out: &out,
            options: |_| Ok(ExportOptions::default()),
        });
        let frames = (0..exported.unwrap().frames)
            .map(|t| read_png(&out.join(format!("{t:06}.png"))).unwrap());
        let frames = frames.collect();
        fs::remove_dir_all(&out).unwrap();
        frames
    }

    /// Not by [`RollOut::play`]: it would have every engine of this build compiled into the tests, minutes for
    /// burn-wgpu alone.
    #[test]
    fn the_passes_and_the_burn_modules_write_the_same_pictures() {
        let passes = pictures("passes", |job| {
            let manifest = WorldManifest::load(job.world)?;
            let plan = read_plan(job.world, &manifest)?;
            job.by_passes(manifest, plan)
        });
        let modules = pictures("modules", |job| job.run::<Autodiff<Flex>>(FlexDevice));
        assert_eq!((passes.len(), modules.len()), (3, 3));
        for (t, (a, b)) in passes.iter().zip(&modules).enumerate() {
            let apart: u64 = a
                .rgb
                .iter()
                .zip(&b.rgb)
                .map(|(a, b)| u64::from(a.abs_diff(*b)))
                .sum();
            let mean = apart as f64 / a.rgb.len() as f64;
            assert!(mean < 1.0, "frame {t}: {mean:.2} of 255 apart");
        }
    }
}
