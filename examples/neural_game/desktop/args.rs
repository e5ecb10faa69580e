//! The command line.

use std::path::{Path, PathBuf};

use bvgdm::play::EngineChoice;
use clap::{Parser, ValueEnum};

/// The world that ships, from the workspace's root.
const WORLD: &str = "assets/worlds/arena.world.ron";

/// A walk that looks around, for whoever names no actions: what of it a world has.
pub const WALK: &str = "W*30 W+Right*14 W*24 Left*10 W+Left*16 W*20 W+Space*6 W*16 Click*4 None*6 \
                    Right*22 W*28 E*3 None*8 D*14 W+D*12 Up*5 Down*5 W*30 Left*26 W*24 S*12 A*16";

/// The keys of the window.
const KEYS: &str = "Keys: W A S D walk, the mouse (a click takes it, Esc frees it) or the arrows turn, Space jumps, the left \
                    button swings, E uses.\nR begins again, Shift+R elsewhere; P pauses, F9 records, F smooth or crisp, G the \
                    next engine, H hides the text.\nClosing the window ends the game.";

/// Plays a world model: a game that consists of weights.
#[derive(Parser, Debug)]
#[command(after_help = KEYS)]
pub struct Args {
    /// Play a script without a window and write what was generated.
    #[arg(long)]
    pub headless: bool,
    /// The script: actions joined by `+`, `*N` for how many frames, such as "W*40 D*20 W+Space*10".
    /// It starts again when it has ended.
    #[arg(long, requires = "headless")]
    pub actions: Option<String>,
    /// How many frames a script generates.
    #[arg(
        long,
        default_value_t = 400,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
        requires = "headless"
    )]
    pub frames: u32,
    /// Where a script's frames go: NAME.mp4, NAME.gif, or a folder of PNGs.
    #[arg(long, default_value = "neural_game.mp4", requires = "headless")]
    pub out: PathBuf,
    /// How many times as large a script's frames are written.
    #[arg(
        long,
        default_value_t = 6,
        value_parser = clap::value_parser!(u32).range(1..=16),
        requires = "headless"
    )]
    pub scale: u32,
    /// The world's manifest [default: assets/worlds/arena.world.ron]
    #[arg(long)]
    pub world: Option<PathBuf>,
    /// Chooses the place of the start and the noise.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Denoising passes a frame, 1 to 50 [default: the manifest's]
    #[arg(long)]
    pub steps: Option<usize>,
    /// How freely details are invented, 0.5 to 2 [default: the manifest's]
    #[arg(long)]
    pub noise_scale: Option<f64>,
    /// What computes: the best there is, the processor, passes on the GPU as compute or as fragment
    /// shaders, or the burn modules on the GPU. G goes through them. Without a window, the processor.
    #[arg(long, value_enum, default_value_t)]
    pub engine: Engine,
    /// How far the mouse turns, as a multiple of the usual
    #[arg(long, default_value_t = 1.0, value_parser = sensitivity, conflicts_with = "headless")]
    pub mouse: f32,
    /// Where F9 records to: an episode and a video, in new folders.
    #[arg(long, default_value = "data/played", conflicts_with = "headless")]
    pub recordings: PathBuf,
}

fn sensitivity(text: &str) -> Result<f32, String> {
    let value = text.parse().map_err(|_| "expected a number".to_owned())?;
    match (0.1..=10.0).contains(&value) {
        true => Ok(value),
        false => Err("expected 0.1 to 10".to_owned()),
    }
}

/// An engine by its name on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    #[default]
    Auto,
    Cpu,
    PassesCompute,
    PassesFragment,
    BurnWgpu,
}

impl Engine {
    /// Its name on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl From<Engine> for EngineChoice {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Auto => Self::Auto,
            Engine::Cpu => Self::Cpu,
            Engine::PassesCompute => Self::PassesCompute,
            Engine::PassesFragment => Self::PassesFragment,
            Engine::BurnWgpu => Self::BurnWgpu,
        }
    }
}

impl Args {
    /// The manifest: as given, or the one that ships, wherever cargo was started.
    pub fn world(&self) -> PathBuf {
        let shipped = || {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"))
                .parent()
                .unwrap_or(Path::new("."));
            let here = PathBuf::from(WORLD);
            if here.exists() {
                here
            } else {
                root.join(WORLD)
            }
        };
        self.world.clone().unwrap_or_else(shipped)
    }
}
