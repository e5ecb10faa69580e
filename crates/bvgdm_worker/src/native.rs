//! Natively: draws frames as a page would, and says what they took.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use bvgdm_core::{ActionScript, WorldManifest, read_bounded};
use bvgdm_worker::Player;

type Error = Box<dyn std::error::Error>;

/// `bvgdm_worker WORLD FRAMES SEED ACTIONS FOLDER`
pub fn run() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [world, frames, seed, actions, out] => draw(world, frames, seed, actions, out),
        _ => Err("usage: bvgdm_worker NAME.world.ron FRAMES SEED \"W*20 D*12\" FOLDER".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "bvgdm_worker: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

/// Writes the pictures one after the other (`R G B A`), and the seed and the actions as JSON.
fn draw(world: &str, frames: &str, seed: &str, script: &str, out: &str) -> Result<(), Error> {
    let path = Path::new(world);
    let (frames, seed) = (frames.parse::<usize>()?, seed.parse::<u64>()?);
    let manifest = WorldManifest::load(path)?;
    let script = ActionScript::parse(script, &manifest.schema)?;
    let actions: Vec<_> = (1..frames)
        .map(|frame| script.at(frame - 1, &manifest.schema))
        .collect();
    let weights = path.with_file_name(&manifest.weights.file);
    let weights = read_bounded(&weights, manifest.weights.bytes)?;
    let mut player = Player::new(&manifest, weights, now)?;

    let mut rgba = player.begin(seed)?.frame.to_rgba();
    let sampler = player.sampler();
    let mut took = Vec::with_capacity(frames);
    for action in &actions {
        let drawn = player.step(action, &sampler)?;
        took.push(drawn.timings.denoise_ms + drawn.timings.decode_ms);
        rgba.extend(drawn.frame.to_rgba());
    }
    fs::create_dir_all(out)?;
    fs::write(Path::new(out).join("pictures.rgba"), rgba)?;
    let job = serde_json::json!({ "seed": seed, "actions": actions });
    fs::write(Path::new(out).join("actions.json"), job.to_string())?;
    took.sort_by(f64::total_cmp);
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or(0.0);
    let (median, p95) = (at(50), at(95));
    writeln!(
        std::io::stdout(),
        "native: {frames} frames, median {median:.1} ms, p95 {p95:.1} ms"
    )?;
    Ok(())
}

/// Milliseconds since the first call.
fn now() -> f64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}
