//! `bvgdm eval`.

use std::path::{Path, PathBuf};

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
    let (measured, found) = args.engine.run(EvalJob(args)).context("eval")?;
    let rows: Vec<_> = found
        .report
        .iter()
        .map(|(name, value)| vec![name.to_owned(), format!("{value:.4}")])
        .collect();
    table::print(&rows);
    let written = args.json.as_ref().map(|path| {
        let json = serde_json::to_string_pretty(&found.report)?;
        Ok(write_atomic(path, json.as_bytes())?)
    });
    let saved = args
        .save
        .then(|| save(&args.world, &measured, &found.report));
    let strip = args.strip.as_ref();
    let drawn = strip.map(|path| draw(path, &found, args.strip_scale));
    // It took so long: what cannot be written in one place is no reason not to write the others.
    let outcomes: [Option<Result<()>>; 3] = [written, saved, drawn];
    let failed = outcomes.into_iter().flatten().filter_map(Result::err);
    let failed: Vec<_> = failed.map(|error| format!("{error:#}")).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => bail!("{}", failed.join("\n")),
    }
}

fn draw(path: &Path, found: &Evaluation, scale: usize) -> Result<()> {
    let rows: Vec<_> = found
        .strips
        .iter()
        .map(|[real, made]| strip(real, made, scale))
        .collect::<Result<_, _>>()?;
    Ok(write_png(path, &stack(&rows)?)?)
}

/// Writes the figures into the manifest at `path`, which another may have taken the place of since `measured` was
/// read: a run that is being trained writes its world again and again.
fn save(path: &Path, measured: &WorldManifest, report: &EvalReport) -> Result<()> {
    let mut manifest = WorldManifest::load(path)?;
    let (expected, now) = (&measured.weights.sha256, &manifest.weights.sha256);
    if !now.eq_ignore_ascii_case(expected) {
        bail!(
            "{}: weights.sha256: expected {expected}, which was measured, found {now}: nothing is saved",
            path.display()
        );
    }
    // Figures depend on how frames are drawn, too.
    if manifest.config != measured.config {
        bail!(
            "{}: config: expected the one that was measured, found another: nothing is saved",
            path.display()
        );
    }
    let round = |value: f64| (value * 1e4).round() / 1e4;
    let known = report.iter().filter(|(_, value)| value.is_finite());
    manifest.quality = known
        .map(|(name, value)| (name.to_owned(), round(value)))
        .collect();
    Ok(manifest.save(path)?)
}

/// Gives the manifest of what was measured, and what was found.
struct EvalJob<'a>(&'a Args);

impl Job for EvalJob<'_> {
    type Output = Result<(WorldManifest, Evaluation)>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Self::Output {
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
        Ok((manifest, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_saved_for_the_weights_and_the_sampler_that_were_measured_alone() {
        let shipped = Path::new("../../assets/worlds/arena.world.ron");
        let measured = WorldManifest::load(shipped).unwrap();
        let name = format!("{}_bvgdm_eval.world.ron", std::process::id());
        let path = std::env::temp_dir().join(&name);
        let mut weights = measured.clone();
        weights.weights.sha256 = "0".repeat(64);
        let mut sampler = measured.clone();
        sampler.config.sampler.steps += 1;
        for (other, field) in [(weights, "weights.sha256"), (sampler, "config")] {
            other.save(&path).unwrap();
            let error = save(&path, &measured, &EvalReport::default()).unwrap_err();
            let expected = format!("{name}: {field}: expected");
            assert!(error.to_string().contains(&expected), "{error}");
            assert_eq!(WorldManifest::load(&path).unwrap(), other, "as it was");
        }
        measured.save(&path).unwrap();
        save(&path, &measured, &EvalReport::default()).unwrap();
        let saved = WorldManifest::load(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(saved.quality.is_empty(), "those of before are gone");
        assert_eq!(saved.weights, measured.weights);
    }
}
