//! `bvgdm bench`.

mod burn_engine;
mod measure;
mod passes;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use bvgdm_core::{Cost, WorldManifest};
use bvgdm_gpu::LoweringKind;
use bvgdm_train::backend::{BackendKind, dispatch};
use clap::ValueEnum;
use serde_json::json;

use crate::table::{self, megabytes, row};
use burn_engine::BurnBench;
use measure::Measured;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The manifest (NAME.world.ron)
    world: PathBuf,
    /// Frames that are timed
    #[arg(long, default_value_t = 300)]
    frames: usize,
    /// Denoising passes a frame [default: the world's]
    #[arg(long)]
    steps: Option<usize>,
    /// Print one JSON object a line instead of a table
    #[arg(long)]
    json: bool,
    /// What is measured, one after the other; wgpu, cuda and tch only if this build has them
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

pub fn run(args: &Args) -> Result<()> {
    let manifest = WorldManifest::load(&args.world)?;
    let config = &manifest.config;
    let steps = args.steps.unwrap_or(config.sampler.steps);
    let cost = Cost::of(config).play(config, steps);
    let mut rows = vec![row([
        "engine",
        "median ms",
        "p95 ms",
        "denoise",
        "decode",
        "encode",
        "GFLOP/s",
        "load s",
        "memory",
        "pipelines",
    ])];
    for &engine in &args.engine {
        let name = engine
            .to_possible_value()
            .map_or_else(String::new, |v| v.get_name().to_owned());
        let found = measure(engine, args).with_context(|| format!("bench {name}"))?;
        let gflop_per_s = cost.total_flop() as f64 / 1e6 / found.total.median();
        if args.json {
            println!(
                "{}",
                json!({
                    "engine": name,
                    "frames": args.frames,
                    "frame_median_ms": found.total.median(),
                    "frame_p95_ms": found.total.p95(),
                    "denoise_median_ms": found.denoise.median(),
                    "decode_median_ms": found.decode.median(),
                    "encode_median_ms": found.encode.median(),
                    "gflop_per_frame": cost.total_flop() as f64 / 1e9,
                    "gflop_per_s": gflop_per_s,
                    "load_s": found.load.as_secs_f64(),
                    "memory_bytes": found.memory,
                    "pipelines": found.pipelines,
                })
            );
        }
        // What an engine cannot tell is left open.
        let figure = |value: f64| match value.is_nan() {
            true => "-".to_owned(),
            false => format!("{value:.2}"),
        };
        rows.push(vec![
            name,
            figure(found.total.median()),
            figure(found.total.p95()),
            figure(found.denoise.median()),
            figure(found.decode.median()),
            figure(found.encode.median()),
            format!("{gflop_per_s:.1}"),
            format!("{:.2}", found.load.as_secs_f64()),
            found.memory.map_or("-".to_owned(), megabytes),
            found
                .pipelines
                .map_or("-".to_owned(), |count| count.to_string()),
        ]);
    }
    if !args.json {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        println!(
            "{}: {:.3} GFLOP a frame, {} frames, {cores} cores",
            manifest.name,
            cost.total_flop() as f64 / 1e9,
            args.frames
        );
        table::print(&rows);
    }
    Ok(())
}

fn measure(engine: BenchEngine, args: &Args) -> Result<Measured> {
    let (world, frames, steps) = (args.world.as_path(), args.frames.max(1), args.steps);
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
        BenchEngine::PassesCompute => passes::on_gpu(LoweringKind::Compute, world, frames, steps),
        BenchEngine::PassesFragment => passes::on_gpu(LoweringKind::Fragment, world, frames, steps),
        BenchEngine::BurnFlex => burn(BackendKind::Cpu),
        BenchEngine::BurnWgpu => burn(BackendKind::Wgpu),
        BenchEngine::BurnCuda => burn(BackendKind::Cuda),
        BenchEngine::BurnTch => burn(BackendKind::Tch),
    }
}
