//! `bvgdm eval`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::{WorldManifest, write_atomic};
use bvgdm_data::{Dataset, write_png};
use bvgdm_model::World;
use bvgdm_train::backend::Job;
use bvgdm_train::eval::{EvalConfig, EvalReport, Evaluation, evaluate};
use bvgdm_train::report::{stack, strip};

use crate::engine::Engine;
use crate::progress::Stages;
use crate::sampling::Sampling;
use crate::table;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The manifest (NAME.world.ron)
    world: PathBuf,
    /// Folder of recorded episodes: the one that the world was trained on (its held-out part is
    /// measured), or another
    episodes: PathBuf,
    /// Share of the episodes that is held out: as in training
    #[arg(long, default_value_t = 0.1)]
    held_out: f64,
    /// Seed of the split: as in training
    #[arg(long, default_value_t = 1)]
    split_seed: u64,
    #[command(flatten)]
    sampling: Sampling,
    #[command(flatten)]
    config: EvalConfig,
    /// Write the metrics as one JSON object
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write real above generated frames at the horizons, for some clips, as a PNG
    #[arg(long, value_name = "FILE.png")]
    strip: Option<PathBuf>,
    /// How much larger than life the strip is, if a picture may be so large
    #[arg(long, default_value_t = 2)]
    strip_scale: usize,
    /// Write the metrics into the manifest, as the world's measured quality: with the world's own sampler
    #[arg(long, conflicts_with_all = ["steps", "noise_scale"])]
    save: bool,
    #[command(flatten)]
    engine: Engine,
}

pub fn run(args: &Args) -> Result<()> {
    let found = args.engine.run(EvalJob(args)).context("eval")?;
    let rows: Vec<_> = found
        .report
        .iter()
        .map(|(name, value)| vec![name.to_owned(), format!("{value:.4}")])
        .collect();
    table::print(&rows);
    if let Some(path) = &args.json {
        write_atomic(
            path,
            serde_json::to_string_pretty(&found.report)?.as_bytes(),
        )?;
    }
    // First what took so long.
    if args.save {
        save(args, &found.report)?;
    }
    if let Some(path) = &args.strip {
        let rows: Vec<_> = found
            .strips
            .iter()
            .map(|[real, made]| strip(real, made, args.strip_scale))
            .collect::<Result<_, _>>()?;
        write_png(path, &stack(&rows)?)?;
    }
    Ok(())
}

fn save(args: &Args, report: &EvalReport) -> Result<()> {
    let mut manifest = WorldManifest::load(&args.world)?;
    let round = |value: f64| (value * 1e4).round() / 1e4;
    let known = report.iter().filter(|(_, value)| value.is_finite());
    manifest.quality = known
        .map(|(name, value)| (name.to_owned(), round(value)))
        .collect();
    Ok(manifest.save(&args.world)?)
}

struct EvalJob<'a>(&'a Args);

impl Job for EvalJob<'_> {
    type Output = Result<Evaluation>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<Evaluation> {
        let args = self.0;
        let (mut world, manifest) = World::<B::InnerBackend>::load(&args.world, &device)?;
        world.config.sampler = args.sampling.of(world.config.sampler);
        world.config.validate()?;
        let dataset = Dataset::open(&args.episodes)?;
        if *dataset.schema() != manifest.schema {
            bail!(
                "{}: actions: expected {:?} as the world, found {:?}",
                args.episodes.display(),
                manifest.schema.names().collect::<Vec<_>>(),
                dataset.schema().names().collect::<Vec<_>>(),
            );
        }
        if !manifest.has_rate(dataset.fps()) {
            bail!(
                "{}: frames a second: expected {} as the world, found {}",
                args.episodes.display(),
                manifest.fps,
                dataset.fps()
            );
        }
        let split = dataset.split(args.held_out, args.split_seed);
        if split.held_out.is_empty() {
            bail!(
                "{}: expected at least 2 episodes, found 1",
                args.episodes.display()
            );
        }
        let mut stages = Stages::default();
        let found = evaluate::<B>(&world, &dataset, &split, &args.config, &mut |message| {
            stages.set(message.stage, message.done, message.total);
        })?;
        stages.finish();
        Ok(found)
    }
}
