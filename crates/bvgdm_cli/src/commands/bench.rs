//! `bvgdm bench`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use burn::tensor::backend::AutodiffBackend;
use bvgdm_core::{ActionScript, Cost, PlayCost};
use bvgdm_train::backend::{BackendKind, Job};
use bvgdm_train::{peak_memory_bytes, resident_memory_bytes};
use serde_json::json;

use crate::engine::Engine;
use crate::player::{Played, Player};
use crate::progress;
use crate::table::{self, megabytes, row};

/// Frames before the clock runs: the window fills, the engine warms up.
const WARM_UP: usize = 20;
/// What is held; names that a world does not have are left out.
const ACTIONS: [&str; 3] = ["W*30", "Right*10", "A*15"];

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
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: Engine,
}

pub fn run(args: &Args) -> Result<()> {
    let found = args.engine.run(BenchJob(args)).context("bench")?;
    if args.json {
        println!("{}", found.to_json(args.engine.kind()));
    } else {
        found.print(args.engine.kind());
    }
    Ok(())
}

/// What was measured.
struct Measured {
    load: Duration,
    loaded_memory: Option<u64>,
    memory: Option<u64>,
    peak: Option<u64>,
    cost: PlayCost,
    /// Ascending, milliseconds.
    denoise: Vec<f64>,
    decode: Vec<f64>,
    total: Vec<f64>,
}

struct BenchJob<'a>(&'a Args);

impl Job for BenchJob<'_> {
    type Output = Result<Measured>;

    fn run<B: AutodiffBackend>(self, device: B::Device) -> Result<Measured> {
        let args = self.0;
        let begin = Instant::now();
        let mut player = Player::<B::InnerBackend>::load(&args.world, 0, 1, args.steps, &device)?;
        let load = begin.elapsed();
        let loaded_memory = resident_memory_bytes();
        let schema = player.manifest.schema.clone();
        let words = ACTIONS
            .iter()
            .filter(|word| ActionScript::parse(word, &schema).is_ok());
        let words: Vec<_> = words.copied().collect();
        let script = ActionScript::parse(&words.join(" "), &schema)?;

        let frames = args.frames.max(1);
        let bar = progress::bar((WARM_UP + frames) as u64, "bench");
        let mut played: Vec<Played> = Vec::with_capacity(frames);
        for t in 0..WARM_UP + frames {
            let frame = player.step(&script.at(t, &schema))?;
            if t >= WARM_UP {
                played.push(frame);
            }
            bar.inc(1);
        }
        bar.finish_and_clear();

        let config = &player.world.config;
        let sorted = |pick: fn(&Played) -> Duration| {
            let mut times: Vec<f64> = played
                .iter()
                .map(|frame| pick(frame).as_secs_f64() * 1e3)
                .collect();
            times.sort_by(f64::total_cmp);
            times
        };
        Ok(Measured {
            load,
            loaded_memory,
            memory: resident_memory_bytes(),
            peak: peak_memory_bytes(),
            cost: Cost::of(config).play(config, args.steps.unwrap_or(config.sampler.steps)),
            denoise: sorted(|frame| frame.denoise),
            decode: sorted(|frame| frame.decode),
            total: sorted(|frame| frame.denoise + frame.decode),
        })
    }
}

impl Measured {
    fn print(&self, kind: BackendKind) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        println!(
            "engine {kind}, {threads} cores, {} frames, loaded in {:.2} s",
            self.total.len(),
            self.load.as_secs_f64()
        );
        let denoise_flop = self.cost.denoise_flop + self.cost.commit_flop;
        let median = quantile(&self.total, 0.5);
        let line = |name: &str, times: &[f64], flop: u64| {
            let half = quantile(times, 0.5);
            vec![
                name.to_owned(),
                format!("{half:.2}"),
                format!("{:.2}", quantile(times, 0.95)),
                format!("{:.0} %", 100.0 * half / median),
                format!("{:.3}", flop as f64 / 1e9),
                format!("{:.1}", gflop_per_s(flop, half)),
            ]
        };
        table::print(&[
            row(["stage", "median ms", "p95 ms", "share", "GFLOP", "GFLOP/s"]),
            line("denoise and commit", &self.denoise, denoise_flop),
            line("decode", &self.decode, self.cost.decode_flop),
            line("frame", &self.total, self.cost.total_flop()),
        ]);
        println!("{:.1} frames a second", 1e3 / median);
        let memory = |bytes: Option<u64>| bytes.map_or("unknown".to_owned(), megabytes);
        println!(
            "memory {} after loading, {} after playing, {} at most",
            memory(self.loaded_memory),
            memory(self.memory),
            memory(self.peak)
        );
    }

    fn to_json(&self, kind: BackendKind) -> serde_json::Value {
        let (median, flop) = (quantile(&self.total, 0.5), self.cost.total_flop());
        json!({
            "backend": kind,
            "frames": self.total.len(),
            "load_s": self.load.as_secs_f64(),
            "frame_median_ms": median,
            "frame_p95_ms": quantile(&self.total, 0.95),
            "denoise_median_ms": quantile(&self.denoise, 0.5),
            "decode_median_ms": quantile(&self.decode, 0.5),
            "gflop_per_frame": flop as f64 / 1e9,
            "gflop_per_s": gflop_per_s(flop, median),
            "memory_loaded_bytes": self.loaded_memory,
            "memory_bytes": self.memory,
            "memory_peak_bytes": self.peak,
        })
    }
}

fn gflop_per_s(flop: u64, ms: f64) -> f64 {
    flop as f64 / 1e6 / ms
}

/// The value below which this share of sorted values lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
