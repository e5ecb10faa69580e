//! The windowed game.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use arena::mouse::{MousePlugin, TakesMouse};
use bevy::app::AppExit;
use bevy::asset::AssetPath;
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::winit::{UpdateMode, WinitSettings};
use bvgdm::play::NeuralSettings;

use super::args::Args;
use super::bar::BarPlugin;
use super::fallback::Started;
use super::overlay::OverlayPlugin;
use super::recording::{RecordingPlugin, Recordings};
use super::switches::SwitchesPlugin;
use crate::neural_game::game::{GamePlugin, log};
use crate::neural_game::loading::WorldFile;
use crate::neural_game::stage::Stage;

/// Plays until the window is closed.
pub fn run(args: &Args, started: Started) -> Result<(), Box<dyn Error>> {
    let path = std::path::absolute(args.world())?;
    let (folder, file) = parts(&path)?;
    let settings = NeuralSettings {
        steps: args.steps,
        noise_scale: args.noise_scale,
        seed: args.seed,
        engine: args.engine.into(),
        ..default()
    };
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(AssetPlugin {
                file_path: folder,
                ..default()
            })
            .set(log())
            .set(WindowPlugin {
                primary_window: Some(window()),
                ..default()
            }),
    )
    .add_plugins(GamePlugin)
    .insert_resource(WorldFile {
        path: AssetPath::from_path_buf(file),
        settings,
        mouse: args.mouse,
    })
    .insert_resource(Recordings(args.recordings.clone()))
    .add_plugins((
        BarPlugin,
        MousePlugin,
        OverlayPlugin,
        RecordingPlugin,
        SwitchesPlugin,
    ))
    .insert_resource(TakesMouse(false))
    .add_systems(OnEnter(Stage::Playing), |mut takes: ResMut<TakesMouse>| {
        takes.0 = true;
    })
    .add_systems(OnExit(Stage::Playing), |mut takes: ResMut<TakesMouse>| {
        takes.0 = false;
    })
    .add_systems(Startup, spare_processor)
    .add_plugins(StartedPlugin(started));
    match app.run() {
        AppExit::Success => Ok(()),
        AppExit::Error(code) => Err(format!("the game ended with code {code}").into()),
    }
}

/// Notes that display and graphics adapter are there: what panics after that is a bug.
struct StartedPlugin(Started);

impl Plugin for StartedPlugin {
    fn build(&self, _app: &mut App) {}

    fn cleanup(&self, _app: &mut App) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn window() -> Window {
    Window {
        title: "a world of weights".to_owned(),
        resolution: (1280, 720).into(),
        ..default()
    }
}

/// Where the processor also draws the window, it has the model to compute as well: the window is
/// drawn at about the model's rate.
fn spare_processor(adapter: Option<Res<RenderAdapterInfo>>, mut pace: ResMut<WinitSettings>) {
    if adapter.is_some_and(|adapter| format!("{:?}", adapter.device_type) == "Cpu") {
        let mode = UpdateMode::reactive_low_power(Duration::from_millis(40));
        *pace = WinitSettings {
            focused_mode: mode,
            unfocused_mode: mode,
        };
    }
}

/// A manifest's folder, as Bevy's asset folder, and its name in it.
fn parts(path: &Path) -> Result<(String, PathBuf), Box<dyn Error>> {
    let folder = path.parent().and_then(Path::to_str);
    let folder = folder.ok_or_else(|| format!("{}: no folder in UTF-8", path.display()))?;
    let file = path
        .file_name()
        .ok_or_else(|| format!("{}: no file", path.display()))?;
    Ok((folder.to_owned(), file.into()))
}
