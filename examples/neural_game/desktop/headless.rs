//! The same engine without a window, a GPU or a scene: a script in, a video out.

use std::error::Error;
use std::time::{Duration, Instant};

use bvgdm::WorldAsset;
use bvgdm::engine::{Begin, CpuEngine, EngineReport, EngineRequest, GeneratedFrame, Start};
use bvgdm::play::NeuralSettings;
use bvgdm_core::{ActionScript, Cost};
use bvgdm_data::VideoWriter;
use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Args, Engine, WALK};

/// Generates `--frames` frames and writes them.
///
/// # Errors
/// When a file or an option is wrong, an engine is asked for that needs a window, or the world ends; what
/// was generated until then is in the video.
pub fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    if !matches!(args.engine, Engine::Auto | Engine::Cpu) {
        let name = args.engine.name();
        let why = "needs a window; without one the processor plays (--engine cpu)";
        return Err(format!("--engine {name}: {why}").into());
    }
    let begun = Instant::now();
    let path = args.world();
    let asset = WorldAsset::read(&path)?;
    let manifest = asset.manifest();
    println!(
        "{}: {} parameters, loaded in {:.2} s",
        path.display(),
        Cost::of(&manifest.config).parameters(),
        begun.elapsed().as_secs_f64()
    );
    let script = match &args.actions {
        Some(script) => ActionScript::parse(script, &manifest.schema)?,
        None => ActionScript::parse_known(WALK, &manifest.schema),
    };
    let settings = NeuralSettings {
        steps: args.steps,
        noise_scale: args.noise_scale,
        seed: args.seed,
        ..Default::default()
    };
    let sampler = settings.sampler(manifest)?;
    let vae = &manifest.config.vae;
    let mut video =
        VideoWriter::create(&args.out, vae.width, vae.height, manifest.fps, args.scale)?;

    let begin = Begin {
        seed: args.seed,
        start: Start::OfSeed,
    };
    let mut engine = CpuEngine::start(asset.networks().clone(), manifest.schema.clone(), begin)?;
    receive(&mut engine)?;
    let step = |t: u32| EngineRequest::Step {
        action: script.at(t as usize, &manifest.schema),
        sampler,
    };
    let bar = progress_bar(args.frames);
    let mut took = Vec::with_capacity(args.frames as usize);
    let playing = Instant::now();
    engine.send(step(0))?;
    let mut generate = || -> Result<(), Box<dyn Error>> {
        for t in 0..args.frames {
            let generated = receive(&mut engine)?;
            // The engine draws the next frame while this one is written.
            if t + 1 < args.frames {
                engine.send(step(t + 1))?;
            }
            video.push(&generated.frame)?;
            took.push(generated.timings.total_ms());
            bar.set_message(format!("{:.1} ms", generated.timings.total_ms()));
            bar.inc(1);
        }
        Ok(())
    };
    let outcome = generate();
    bar.finish_and_clear();
    // What there is becomes a video, whatever ended it.
    if !took.is_empty() {
        video.finish()?;
        println!("{}", summary(args, &mut took, playing.elapsed()));
    }
    outcome
}

fn receive(engine: &mut CpuEngine) -> Result<GeneratedFrame, String> {
    match engine.receive() {
        EngineReport::Frame(frame) => Ok(frame),
        EngineReport::Failed { reason }
        | EngineReport::Refused { reason }
        | EngineReport::Diverged { reason } => Err(reason),
        EngineReport::Shown { .. } | EngineReport::Left(_) => {
            Err("expected a picture from the engine".to_owned())
        }
    }
}

fn progress_bar(frames: u32) -> ProgressBar {
    let style = "{bar:40} {pos}/{len} frames, {per_sec}, {msg} a frame, {eta} left";
    let style = ProgressStyle::with_template(style);
    let bar = ProgressBar::new(frames.into());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn summary(args: &Args, took: &mut [f64], elapsed: Duration) -> String {
    took.sort_by(f64::total_cmp);
    let part = |share: f64| {
        let at = (took.len().saturating_sub(1) as f64 * share) as usize;
        took.get(at).copied().unwrap_or_default()
    };
    let rate = took.len() as f64 / elapsed.as_secs_f64();
    format!(
        "{}: {} frames, median {:.1} ms, 95 % below {:.1} ms, {rate:.1} frames a second",
        args.out.display(),
        took.len(),
        part(0.5),
        part(0.95),
    )
}
