//! The app in the canvas.

use std::path::{Path, PathBuf};

use bevy::asset::io::memory::{Dir, MemoryAssetReader};
use bevy::asset::io::{AssetSourceBuilder, AssetSourceId};
use bevy::asset::{AssetMetaCheck, AssetPath};
use bevy::prelude::*;
use bvgdm::play::{NeuralSettings, SoftwareGpu};
use bvgdm_core::WorldManifest;

use super::command::obey_page;
use super::figures::FiguresPlugin;
use super::hands::HandsPlugin;
use super::options::Options;
use super::picture::PicturePlugin;
use super::script::ScriptPlugin;
use crate::neural_game::game::{GamePlugin, log};
use crate::neural_game::loading::WorldFile;
use crate::neural_game::screen::Smoothness;

/// Where Bevy's asset server finds what the page has fetched.
const PAGE: &str = "page";

/// Starts the app; it goes on in the page's animation frames.
pub fn run(options: Options, manifest: Vec<u8>, weights: Vec<u8>) {
    let settings = NeuralSettings {
        steps: options.steps,
        seed: options.seed,
        engine: options.engine,
        ..default()
    };
    let name = PathBuf::from(&options.name);
    let path = AssetPath::from_path_buf(name.clone()).with_source(PAGE);
    let files = fetched(&name, manifest, weights);
    let mut app = App::new();
    if options.software {
        app.insert_resource(SoftwareGpu);
    }
    app.register_asset_source(
        AssetSourceId::from(PAGE),
        AssetSourceBuilder::new(move || {
            Box::new(MemoryAssetReader {
                root: files.clone(),
            })
        }),
    )
    .add_plugins(
        DefaultPlugins
            .set(AssetPlugin {
                meta_check: AssetMetaCheck::Never,
                ..default()
            })
            .set(log())
            .set(WindowPlugin {
                primary_window: Some(window(&options)),
                ..default()
            }),
    )
    .add_plugins(GamePlugin)
    .insert_resource(Smoothness(options.smooth))
    .insert_resource(WorldFile {
        path,
        settings,
        mouse: options.sensitivity,
    })
    .add_plugins((HandsPlugin, FiguresPlugin, PicturePlugin, ScriptPlugin))
    .add_systems(Update, obey_page)
    .run();
}

fn window(options: &Options) -> Window {
    Window {
        canvas: Some(options.canvas.clone()),
        fit_canvas_to_parent: true,
        // The page gives it the focus, when nothing else has it.
        focused: false,
        // Tab and the browser's own keys stay the browser's; the page keeps the game's from scrolling.
        prevent_default_event_handling: false,
        ..default()
    }
}

/// The manifest and the weights beside it, under the name that it says.
fn fetched(name: &Path, manifest: Vec<u8>, weights: Vec<u8>) -> Dir {
    let files = Dir::default();
    if let Ok(parsed) = WorldManifest::parse(&manifest) {
        files.insert_asset(Path::new(&parsed.weights.file), weights);
    }
    // One that cannot be read is told of by the loader.
    files.insert_asset(name, manifest);
    files
}
