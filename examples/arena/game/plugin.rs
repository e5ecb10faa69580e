//! The game as a Bevy plugin.

use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::prelude::*;
use bevy::render::view::Msaa;
use bvgdm::record::HeldInputPlugin;
use leafwing_input_manager::prelude::*;

use crate::game::brush::Brush;
use crate::game::hands::{show_hands, spawn_hands};
use crate::game::material::{Paint, PaintPlugin};
use crate::game::scenery::scenery;
use crate::game::scripted::ScriptedPlayer;
use crate::game::sim::{ArenaState, Rules, TICK_RATE};
use crate::game::sky::sky;
use crate::game::things::{show_doors, show_lamps, spawn_things};
use crate::input::{ArenaAction, Input};

/// The eyes' height above the feet, in metres.
const EYES: f32 = 1.55;
/// The camera's vertical angle: 80 degrees from left to right at 112 x 64.
const FIELD_OF_VIEW: f32 = 51.2;

/// Who plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// Somebody at the keyboard and the mouse.
    Person,
    /// A [`ScriptedPlayer`].
    Script,
    /// Nobody here: something else writes the player's `ActionState`.
    Other,
}

/// The arena: rules, picture and player.
pub struct ArenaPlugin {
    /// The seed of the first game.
    pub seed: u64,
    /// Who plays.
    pub driver: Driver,
}

/// When the arena does what, in the fixed schedule.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArenaSystems {
    /// In `FixedPreUpdate`: the script decides what it holds.
    Decide,
    /// In `FixedUpdate`: the rules make one tick.
    Step,
}

/// The state of the game and its rules.
#[derive(Resource)]
pub struct Arena {
    /// What changes.
    pub state: ArenaState,
    /// What does not.
    pub rules: Rules,
}

/// Who holds the keys: carries `ActionState<ArenaAction>`.
#[derive(Component)]
pub struct Player;

/// The player's eyes.
#[derive(Component)]
pub struct ArenaCamera;

/// Asks for a new game from a seed.
#[derive(Message, Debug, Clone, Copy)]
pub struct ResetArena {
    /// The seed.
    pub seed: u64,
}

#[derive(Resource)]
struct Script(ScriptedPlayer);

impl Plugin for ArenaPlugin {
    fn build(&self, app: &mut App) {
        let rules = Rules::default();
        let state = ArenaState::new(self.seed, &rules);
        app.add_plugins((PaintPlugin, InputManagerPlugin::<ArenaAction>::default()))
            .insert_resource(Time::<Fixed>::from_hz(TICK_RATE))
            .insert_resource(Arena { state, rules })
            .add_message::<ResetArena>()
            .add_systems(Startup, (spawn_scenery, spawn_things, spawn_player))
            .add_systems(First, reset_arena)
            .add_systems(FixedUpdate, step_arena.in_set(ArenaSystems::Step))
            .add_systems(Update, (show_view, show_hands, show_doors, show_lamps));
        match self.driver {
            Driver::Person => {
                app.add_plugins(HeldInputPlugin::<ArenaAction>::default())
                    .add_systems(Startup, bind_keys.after(spawn_player));
            }
            Driver::Script => {
                app.insert_resource(Script(ScriptedPlayer::new(self.seed)))
                    .add_systems(FixedPreUpdate, play_script.in_set(ArenaSystems::Decide));
            }
            Driver::Other => {}
        }
    }
}

fn spawn_scenery(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut paints: ResMut<Assets<Paint>>,
) {
    let paint = paints.add(Paint::new(LinearRgba::WHITE));
    for mesh in [scenery(), sky()] {
        commands.spawn((Mesh3d(meshes.add(mesh)), MeshMaterial3d(paint.clone())));
    }
}

fn spawn_player(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut paints: ResMut<Assets<Paint>>,
) {
    commands.spawn((Player, ActionState::<ArenaAction>::default()));
    let camera = commands
        .spawn((
            ArenaCamera,
            Camera3d::default(),
            Projection::Perspective(PerspectiveProjection {
                fov: FIELD_OF_VIEW.to_radians(),
                near: 0.05,
                far: 200.0,
                ..default()
            }),
            Msaa::Sample4,
            Tonemapping::None,
            Transform::default(),
            Visibility::default(),
        ))
        .id();
    let mut add = |brush: Brush| meshes.add(brush.finish());
    spawn_hands(&mut commands, camera, &mut add, &mut paints);
}

fn bind_keys(mut commands: Commands, player: Single<Entity, With<Player>>) {
    commands
        .entity(*player)
        .insert(ArenaAction::default_bindings());
}

fn reset_arena(
    mut resets: MessageReader<ResetArena>,
    mut arena: ResMut<Arena>,
    script: Option<ResMut<Script>>,
) {
    let Some(reset) = resets.read().last() else {
        return;
    };
    arena.state = ArenaState::new(reset.seed, &arena.rules);
    if let Some(mut script) = script {
        script.0 = ScriptedPlayer::new(reset.seed);
    }
}

fn play_script(
    arena: Res<Arena>,
    mut script: ResMut<Script>,
    mut player: Single<&mut ActionState<ArenaAction>, With<Player>>,
) {
    script.0.play(&arena.state).write(&mut player);
}

fn step_arena(mut arena: ResMut<Arena>, player: Single<&ActionState<ArenaAction>, With<Player>>) {
    let Arena { state, rules } = &mut *arena;
    rules.step(state, &Input::read(&player));
}

fn show_view(arena: Res<Arena>, mut camera: Single<&mut Transform, With<ArenaCamera>>) {
    let player = &arena.state.player;
    let yaw = -player.yaw.to_radians();
    let pitch = player.pitch.to_radians();
    camera.translation = Vec3::new(player.at.x, EYES + player.height, player.at.y);
    camera.rotation = Quat::from_euler(EulerRot::YXZ, yaw, pitch, 0.0);
}
