//! Loading: until the weights are checked and the engine has shown its first frame.

use arena::ArenaAction;
use bevy::asset::AssetPath;
use bevy::prelude::*;
use bevy_asset_loader::prelude::*;
use bvgdm::play::NeuralSettings;
use bvgdm::{NeuralWorld, WorldAsset, WorldCommand, WorldFailed, WorldReady, WorldStatus};
use iyes_progress::{Progress, ProgressPlugin, ProgressReturningSystem as _};

use super::screen::Screen;
use super::stage::{Played, Stage};

/// Which world is played, and how.
#[derive(Resource)]
pub struct WorldFile {
    /// The manifest.
    pub path: AssetPath<'static>,
    /// Seed, steps and engine.
    pub settings: NeuralSettings,
    /// How far the mouse turns, as a multiple of the usual.
    pub mouse: f32,
}

/// Loads the world; a failure or R after one is its business too.
pub struct LoadingPlugin;

/// What has to be there before the game begins.
#[derive(Resource)]
struct Worlds {
    _played: Handle<WorldAsset>,
}

impl Plugin for LoadingPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(
            ProgressPlugin::<Stage>::new().with_state_transition(Stage::Loading, Stage::Playing),
        )
        .add_loading_state(
            LoadingState::new(Stage::Loading)
                .load_collection::<Worlds>()
                .on_failure_continue_to_state(Stage::Failed),
        )
        .add_systems(Startup, spawn_world)
        .add_systems(
            Update,
            warm_up
                .track_progress::<Stage>()
                .after(LoadingStateSet(Stage::Loading))
                .run_if(in_state(Stage::Loading)),
        )
        .add_systems(Update, (stop_on_failure, try_again, go_on).chain());
    }
}

impl AssetCollection for Worlds {
    fn create(world: &mut World) -> Self {
        Self {
            _played: load(world),
        }
    }

    fn load(world: &mut World) -> Vec<UntypedHandle> {
        vec![load(world).untyped()]
    }
}

fn load(world: &World) -> Handle<WorldAsset> {
    let path = world.resource::<WorldFile>().path.clone();
    world.resource::<AssetServer>().load(path)
}

/// The game itself: one world, and the keys that play it.
fn spawn_world(world: &mut World) {
    let asset = load(world);
    let target = world.resource::<Screen>().0.clone();
    let WorldFile {
        settings, mouse, ..
    } = *world.resource::<WorldFile>();
    world.spawn((
        NeuralWorld {
            asset,
            target,
            settings,
        },
        ArenaAction::bindings(mouse),
    ));
}

/// The engine decodes its first frame.
fn warm_up(played: Played<&WorldStatus>) -> Progress {
    played
        .is_some_and(|status| matches!(**status, WorldStatus::Playing))
        .into()
}

fn stop_on_failure(mut failures: MessageReader<WorldFailed>, mut next: ResMut<NextState<Stage>>) {
    if failures.read().last().is_some() {
        next.set(Stage::Failed);
    }
}

/// R after a failure: once more.
fn try_again(
    keys: Res<ButtonInput<KeyCode>>,
    stage: Res<State<Stage>>,
    file: Res<WorldFile>,
    played: Played<Entity>,
    mut commands: MessageWriter<WorldCommand>,
) {
    if *stage.get() == Stage::Failed
        && keys.just_pressed(KeyCode::KeyR)
        && let Some(world) = played
    {
        let (world, seed) = (*world, file.settings.seed);
        commands.write(WorldCommand::Reset { world, seed });
    }
}

/// The files were put right.
fn go_on(
    mut ready: MessageReader<WorldReady>,
    stage: Res<State<Stage>>,
    mut next: ResMut<NextState<Stage>>,
) {
    if ready.read().last().is_some() && *stage.get() == Stage::Failed {
        next.set(Stage::Playing);
    }
}
