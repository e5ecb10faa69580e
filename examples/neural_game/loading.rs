//! The loading screen: until the weights are checked and the engine has shown its first frame.

use std::path::PathBuf;

use arena::ArenaAction;
use bevy::asset::AssetPath;
use bevy::prelude::*;
use bevy_asset_loader::prelude::*;
use bvgdm::play::NeuralSettings;
use bvgdm::{NeuralWorld, WorldAsset, WorldCommand, WorldFailed, WorldReady, WorldStatus};
use iyes_progress::{Progress, ProgressPlugin, ProgressReturningSystem as _, ProgressTracker};

use super::game::{Played, Stage};
use super::screen::Screen;

/// Which world is played, and how.
#[derive(Resource)]
pub struct WorldFile {
    /// The manifest, in the asset folder.
    pub name: PathBuf,
    /// Seed and steps.
    pub settings: NeuralSettings,
}

/// Loads the world behind a bar.
pub struct LoadingPlugin;

/// What has to be there before the game begins.
#[derive(Resource)]
struct Worlds {
    _played: Handle<WorldAsset>,
}

#[derive(Component)]
struct Bar;

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
        .add_systems(OnEnter(Stage::Loading), show_bar)
        .add_systems(Startup, spawn_world)
        .add_systems(
            Update,
            (warm_up.track_progress::<Stage>(), fill_bar)
                .chain()
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
    let path = world.resource::<WorldFile>().path();
    world.resource::<AssetServer>().load(path)
}

impl WorldFile {
    fn path(&self) -> AssetPath<'static> {
        AssetPath::from_path_buf(self.name.clone())
    }
}

/// The game itself: one world, and the keys that play it.
fn spawn_world(world: &mut World) {
    let asset = load(world);
    let target = world.resource::<Screen>().0.clone();
    let settings = world.resource::<WorldFile>().settings;
    world.spawn((
        NeuralWorld {
            asset,
            target,
            settings,
        },
        ArenaAction::default_bindings(),
    ));
}

/// The engine decodes its first frame.
fn warm_up(played: Played<&WorldStatus>) -> Progress {
    played
        .is_some_and(|status| matches!(**status, WorldStatus::Playing))
        .into()
}

fn show_bar(mut commands: Commands) {
    let centred = Node {
        width: percent(100),
        height: percent(100),
        flex_direction: FlexDirection::Column,
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        row_gap: px(16),
        ..default()
    };
    let frame = Node {
        width: px(320),
        height: px(8),
        ..default()
    };
    let bar = Node {
        width: percent(0),
        height: percent(100),
        ..default()
    };
    commands.spawn((
        DespawnOnExit(Stage::Loading),
        centred,
        children![
            Text::new("loading a world"),
            (
                frame,
                BackgroundColor(Color::srgb(0.15, 0.15, 0.18)),
                children![(bar, Bar, BackgroundColor(Color::srgb(0.9, 0.7, 0.3)))],
            ),
        ],
    ));
}

fn fill_bar(progress: Res<ProgressTracker<Stage>>, mut bar: Single<&mut Node, With<Bar>>) {
    let share: f32 = progress.get_global_progress().into();
    bar.width = percent(100.0 * share);
}

fn stop_on_failure(mut failures: MessageReader<WorldFailed>, mut next: ResMut<NextState<Stage>>) {
    if failures.read().last().is_some() {
        next.set(Stage::Failed);
    }
}

/// R after a failure: read the files again.
fn try_again(
    keys: Res<ButtonInput<KeyCode>>,
    stage: Res<State<Stage>>,
    file: Res<WorldFile>,
    server: Res<AssetServer>,
    played: Played<Entity>,
    mut commands: MessageWriter<WorldCommand>,
) {
    if *stage.get() == Stage::Failed
        && keys.just_pressed(KeyCode::KeyR)
        && let Some(world) = played
    {
        server.reload(file.path());
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
