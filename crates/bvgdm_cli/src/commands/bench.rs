//! `bvgdm bench`.

mod burn_engine;
mod by_kind;
mod measure;
mod passes;
mod report;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use bvgdm_core::{Cost, WorldManifest};
use bvgdm_gpu::{Ceilings, LoweringKind};
use bvgdm_train::backend::{BackendKind, dispatch};
use clap::ValueEnum;

use crate::count::parse_count;
use crate::gpu::{self, OpenGpu};
use crate::output::say;
use crate::sampling::Sampling;
use crate::table;
use burn_engine::BurnBench;
use by_kind::Kinds;
use measure::Measured;
use report::Line;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The manifest (NAME.world.ron)
    world: PathBuf,
    /// Frames that are timed
    #[arg(long, default_value_t = 300, value_parser = parse_count)]
    frames: usize,
    /// Denoising passes a frame [default: the world's]
    #[arg(long)]
    steps: Option<usize>,
    /// Print what each kind of pass takes, on a GPU waiting for every pass
    #[arg(long, conflicts_with_all = ["json", "steady"])]
    by_kind: bool,
    /// Print how the first thousand frames compare with the last, in time and memory
    #[arg(long)]
    steady: bool,
    /// Print one JSON object a line instead of a table
    #[arg(long)]
    json: bool,
    /// What is measured, one after the other in one process, whose peak memory stays that of the largest so
    /// far; wgpu, cuda and tch only if this build has them
    #[arg(long, value_enum, value_delimiter = ',', default_value = "cpu")]
    engine: Vec<BenchEngine>,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BenchEngine {
    /// Passes on the processor
    Cpu,
    /// Passes as compute shaders
    PassesCompute,
    /// Passes as fragment shaders
    PassesFragment,
    /// burn modules on the processor
    BurnFlex,
    /// burn modules on the GPU
    BurnWgpu,
    /// burn modules on an NVIDIA GPU
    BurnCuda,
    /// burn modules on LibTorch
    BurnTch,
}

impl BenchEngine {
    /// As it is named on the command line.
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it computes on the GPU that wgpu finds first.
    fn is_on_wgpu(self) -> bool {
        matches!(
            self,
            Self::PassesCompute | Self::PassesFragment | Self::BurnWgpu
        )
    }
}

pub fn run(args: &Args) -> Result<()> {
    let manifest = WorldManifest::load(&args.world)?;
    let sampler = Sampling::of_steps(args.steps).checked(&manifest.config)?;
    let mut gpu = Gpu::default();
    let failed = match args.by_kind {
        true => print_by_kind(args, &mut gpu),
        false => compare(args, &manifest, sampler.steps, &mut gpu),
    };
    if failed.is_empty() {
        return Ok(());
    }
    bail!("not measured:\n  {}", failed.join("\n  "))
}

/// Does the work for every engine. Those that fail come back with their reasons, so that they do not take
/// with them what the others have measured.
fn for_each<T>(
    engines: &[BenchEngine],
    mut work: impl FnMut(BenchEngine) -> Result<T>,
) -> (Vec<T>, Vec<String>) {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for &engine in engines {
        match work(engine) {
            Ok(found) => done.push(found),
            Err(error) => failed.push(format!("{}: {error:#}", engine.name())),
        }
    }
    (done, failed)
}

/// Prints engines side by side, and gives those that failed.
fn compare(args: &Args, manifest: &WorldManifest, steps: usize, gpu: &mut Gpu) -> Vec<String> {
    let config = &manifest.config;
    let cost = Cost::of(config).play(config, steps);
    let (lines, failed) = for_each(&args.engine, |engine| {
        let found = measure(engine, args, gpu)?;
        // What was measured stands, with or without what it is compared with.
        let ceilings = match engine.is_on_wgpu() {
            true => gpu.ceilings().unwrap_or_else(|error| {
                eprintln!("no ceilings: {error:#}");
                None
            }),
            false => None,
        };
        let line = Line {
            engine: engine.name(),
            found,
            ceilings,
        };
        if args.json {
            say!("{}", line.json(&cost, args.frames));
        }
        Ok(line)
    });
    if args.json || lines.is_empty() {
        return failed;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    say!(
        "{}: {:.3} GFLOP a frame, {} frames, {cores} cores",
        manifest.name,
        cost.total_flop() as f64 / 1e9,
        args.frames
    );
    if let Some(most) = lines.iter().find_map(|line| line.ceilings) {
        say!(
            "the GPU's most: {:.1} GFLOP/s in a matrix product, {:.1} GB/s in a copy",
            most.product,
            most.copy
        );
    }
    table::print(&match args.steady {
        true => report::steady(&lines, args.frames),
        false => report::compared(&lines, &cost),
    });
    failed
}

/// Prints a table for each engine that runs passes, and gives those that failed.
fn print_by_kind(args: &Args, gpu: &mut Gpu) -> Vec<String> {
    let (_, failed) = for_each(&args.engine, |engine| {
        let kinds = kinds(engine, args, gpu)?;
        let name = engine.name();
        let mut rows = vec![table::row([name.as_str(), "a frame", "ms"])];
        let row = |(kind, count, ms): (&str, usize, f64)| {
            vec![kind.to_owned(), count.to_string(), format!("{ms:.2}")]
        };
        rows.extend(kinds.into_iter().map(row));
        table::print(&rows);
        Ok(())
    });
    failed
}

fn kinds(engine: BenchEngine, args: &Args, gpu: &mut Gpu) -> Result<Kinds> {
    let (world, frames, steps) = (args.world.as_path(), args.frames, args.steps);
    let on_gpu = |gpu: &mut Gpu, kind| by_kind::on_gpu(gpu.get()?, kind, world, frames, steps);
    match engine {
        BenchEngine::Cpu => by_kind::on_processor(world, frames, steps),
        BenchEngine::PassesCompute => on_gpu(gpu, LoweringKind::Compute),
        BenchEngine::PassesFragment => on_gpu(gpu, LoweringKind::Fragment),
        _ => bail!("burn modules have no passes to tell apart (--by-kind)"),
    }
}

/// The GPU, once something asks for it.
#[derive(Default)]
struct Gpu {
    opened: Option<OpenGpu>,
    ceilings: Option<Option<Ceilings>>,
}

impl Gpu {
    fn get(&mut self) -> Result<&OpenGpu> {
        match &mut self.opened {
            Some(_) => {}
            none => *none = Some(gpu::open()?),
        }
        self.opened.as_ref().context("no GPU")
    }

    fn ceilings(&mut self) -> Result<Option<Ceilings>> {
        if let Some(known) = self.ceilings {
            return Ok(known);
        }
        // Not once more for the next engine, if it fails.
        self.ceilings = Some(None);
        let gpu = self.get()?;
        let measured = Ceilings::measure(&gpu.device, &gpu.queue)?;
        gpu.check()?;
        self.ceilings = Some(measured);
        Ok(measured)
    }
}

fn measure(engine: BenchEngine, args: &Args, gpu: &mut Gpu) -> Result<Measured> {
    let (world, frames, steps) = (args.world.as_path(), args.frames, args.steps);
    let burn = |kind: BackendKind| {
        dispatch(
            kind,
            BurnBench {
                world,
                frames,
                steps,
            },
        )?
    };
    match engine {
        BenchEngine::Cpu => passes::on_processor(world, frames, steps),
        BenchEngine::PassesCompute => {
            passes::on_gpu(gpu.get()?, LoweringKind::Compute, world, frames, steps)
        }
        BenchEngine::PassesFragment => {
            passes::on_gpu(gpu.get()?, LoweringKind::Fragment, world, frames, steps)
        }
        BenchEngine::BurnFlex => burn(BackendKind::Cpu),
        BenchEngine::BurnWgpu => burn(BackendKind::Wgpu),
        BenchEngine::BurnCuda => burn(BackendKind::Cuda),
        BenchEngine::BurnTch => burn(BackendKind::Tch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_fails_is_named_and_the_others_are_measured() {
        let engines = [
            BenchEngine::Cpu,
            BenchEngine::BurnWgpu,
            BenchEngine::BurnFlex,
        ];
        let (done, failed) = for_each(&engines, |engine| match engine {
            BenchEngine::BurnWgpu => bail!("no GPU"),
            other => Ok(other),
        });
        assert_eq!(done, [BenchEngine::Cpu, BenchEngine::BurnFlex]);
        assert_eq!(failed, ["burn-wgpu: no GPU"]);
    }

    #[test]
    fn what_has_no_passes_is_named_where_their_kinds_are_asked_for() {
        let args = Args {
            world: PathBuf::new(),
            frames: 1,
            steps: None,
            by_kind: true,
            steady: false,
            json: false,
            engine: vec![BenchEngine::BurnFlex],
        };
        let failed = print_by_kind(&args, &mut Gpu::default());
        assert_eq!(
            failed,
            ["burn-flex: burn modules have no passes to tell apart (--by-kind)"]
        );
    }
}
