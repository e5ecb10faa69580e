//! Natively: draws frames as a page would, and says what they took.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use bvgdm_core::{ActionScript, ActionVector, WorldManifest, read_bounded};
use bvgdm_plan::cpu::Products;
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

/// Writes the pictures one after the other (`R G B A`), and the seed and the actions as JSON. They are
/// computed in f32, which is what all engines are compared with; then again as the engine does it here.
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

    let single = play(&manifest, weights.clone(), Products::Single, seed, &actions)?;
    fs::create_dir_all(out)?;
    fs::write(Path::new(out).join("pictures.rgba"), &single.rgba)?;
    let job = serde_json::json!({ "seed": seed, "actions": actions });
    fs::write(Path::new(out).join("actions.json"), job.to_string())?;

    let suited = play(&manifest, weights, Products::Suited, seed, &actions)?;
    let off = suited.rgba.iter().zip(&single.rgba);
    let off = off.map(|(a, b)| a.abs_diff(*b));
    let largest = off.clone().max().unwrap_or(0);
    // One of four numbers is the opacity, which is the same everywhere.
    let mean = off.map(f64::from).sum::<f64>() / (single.rgba.len() * 3 / 4) as f64;
    writeln!(
        std::io::stdout(),
        "native: {frames} frames, {}; in f32 {}, to which pictures differ by {largest} of 255 at most, \
         {mean:.3} on average",
        suited.took(),
        single.took()
    )?;
    Ok(())
}

/// What was drawn.
struct Played {
    rgba: Vec<u8>,
    /// Milliseconds a frame, in order of size.
    took: Vec<f64>,
}

impl Played {
    fn took(&self) -> String {
        let at = |share: usize| self.took.get(self.took.len() * share / 100);
        let [median, p95] = [50, 95].map(|share| at(share).copied().unwrap_or(0.0));
        format!("median {median:.1} ms, p95 {p95:.1} ms")
    }
}

fn play(
    manifest: &WorldManifest,
    weights: Vec<u8>,
    products: Products,
    seed: u64,
    actions: &[ActionVector],
) -> Result<Played, Error> {
    let mut player = Player::new(manifest, weights, products, now)?;
    let mut rgba = player.begin(seed)?.frame.to_rgba();
    let sampler = player.sampler();
    let mut took = Vec::with_capacity(actions.len());
    for action in actions {
        let drawn = player.step(action, &sampler)?;
        took.push(drawn.timings.denoise_ms + drawn.timings.decode_ms);
        rgba.extend(drawn.frame.to_rgba());
    }
    took.sort_by(f64::total_cmp);
    Ok(Played { rgba, took })
}

/// Milliseconds since the first call.
fn now() -> f64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}
