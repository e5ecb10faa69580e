//! A game without a window that notes what its worlds say.

use std::path::Path;
use std::time::{Duration, Instant};

use bevy::app::Plugins;
use bevy::asset::AssetPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::WgpuSettings;
use bevy::time::TimeUpdateStrategy;
use bvgdm::record::HeadlessPlugins;
use bvgdm::{
    BvgdmPlugin, FrameGenerated, NeuralSettings, NeuralWorld, WorldFailed, WorldReady,
    WorldReseeded,
};

/// What the worlds have said so far.
#[derive(Resource, Default)]
pub struct Log {
    pub ready: Vec<Entity>,
    pub frames: Vec<FrameGenerated>,
    pub failed: Vec<WorldFailed>,
    pub reseeded: Vec<WorldReseeded>,
}

/// A game whose assets are in `folder` and whose clock advances by `tick` with every update.
pub fn game(folder: &Path, tick: Duration) -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        AssetPlugin {
            file_path: folder.to_str().unwrap().to_owned(),
            ..default()
        },
        BvgdmPlugin,
    ))
    .init_asset::<Image>()
    .init_resource::<Log>()
    .insert_resource(TimeUpdateStrategy::ManualDuration(tick))
    .add_systems(Update, note);
    app
}

/// A game with a render world and without a window, one frame of the model with every update.
pub fn gpu_game(folder: &Path) -> App {
    gpu_game_with(folder, WgpuSettings::default(), ())
}

/// The same on a device that is asked for in this way, with more plugins.
pub fn gpu_game_with<M>(folder: &Path, device: WgpuSettings, more: impl Plugins<M>) -> App {
    let mut app = App::new();
    let plugins = HeadlessPlugins
        .set(AssetPlugin {
            file_path: folder.to_str().unwrap().to_owned(),
            ..default()
        })
        .set(RenderPlugin {
            render_creation: device.into(),
            synchronous_pipeline_compilation: true,
            ..default()
        });
    app.add_plugins((plugins, BvgdmPlugin))
        .add_plugins(more)
        .init_resource::<Log>()
        .insert_resource(Time::<Fixed>::from_duration(FRAME))
        .add_systems(Update, note);
    app.finish();
    app.cleanup();
    app
}

/// One frame of the model with every update.
pub const FRAME: Duration = Duration::from_millis(50);

/// Notes what the worlds say.
pub fn note(
    mut log: ResMut<Log>,
    mut ready: MessageReader<WorldReady>,
    mut frames: MessageReader<FrameGenerated>,
    mut failed: MessageReader<WorldFailed>,
    mut reseeded: MessageReader<WorldReseeded>,
) {
    log.ready.extend(ready.read().map(|ready| ready.world));
    log.frames.extend(frames.read().cloned());
    log.failed.extend(failed.read().cloned());
    log.reseeded.extend(reseeded.read().cloned());
}

/// A world of `NAME.world.ron` with an image of its own.
pub fn spawn(app: &mut App, name: &str, settings: NeuralSettings) -> Entity {
    let asset = app
        .world()
        .resource::<AssetServer>()
        .load(format!("{name}.world.ron"));
    let target = app
        .world_mut()
        .resource_mut::<Assets<Image>>()
        .add(Image::default());
    app.world_mut()
        .spawn(NeuralWorld {
            asset,
            target,
            settings,
        })
        .id()
}

/// Updates until `done`; returns how many updates that took.
#[track_caller]
pub fn until(app: &mut App, mut done: impl FnMut(&App) -> bool) -> usize {
    let begun = Instant::now();
    for updates in 0.. {
        if done(app) {
            return updates;
        }
        let failed: Vec<_> = log(app)
            .failed
            .iter()
            .map(|failed| &failed.reason)
            .collect();
        assert!(
            begun.elapsed().as_secs() < 300,
            "too long; failed: {failed:?}"
        );
        app.update();
        // The engine's thread may need the processor.
        std::thread::sleep(Duration::from_millis(1));
    }
    0
}

/// The number of the newest frame.
pub fn newest(app: &App) -> u64 {
    log(app).frames.last().map_or(0, |frame| frame.index)
}

/// The number of the newest frame of `world`.
pub fn newest_of(app: &App, world: Entity) -> u64 {
    let frames = &log(app).frames;
    let newest = frames.iter().rfind(|frame| frame.world == world);
    newest.map_or(0, |frame| frame.index)
}

pub fn log(app: &App) -> &Log {
    app.world().resource::<Log>()
}

/// The pictures of `world`, in order.
pub fn pictures(app: &App, world: Entity) -> Vec<(u64, Vec<u8>)> {
    let of_world = log(app).frames.iter().filter(|frame| frame.world == world);
    of_world
        .filter_map(|frame| Some((frame.index, frame.frame.as_ref()?.rgb.clone())))
        .collect()
}

/// Why `world` has failed, if it has.
pub fn failure(app: &App, world: Entity) -> Option<&str> {
    let mut of_world = log(app)
        .failed
        .iter()
        .filter(|failed| failed.world == world);
    of_world.next().map(|failed| failed.reason.as_str())
}
