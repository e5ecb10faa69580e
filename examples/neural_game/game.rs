//! What the game is everywhere, whatever it is played on.

use arena::ArenaAction;
use bevy::diagnostic::FrameTimeDiagnosticsPlugin;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bvgdm::{BvgdmPlugin, WorldActionsPlugin};
use leafwing_input_manager::plugin::InputManagerPlugin;

use super::controls::ControlsPlugin;
use super::keys::KeysPlugin;
use super::loading::LoadingPlugin;
use super::screen::ScreenPlugin;
use super::stage::Stage;

/// A world behind a loading screen, played by its [`Controls`](super::controls::Controls). Needs Bevy's own plugins before it, and a
/// [`WorldFile`](super::loading::WorldFile).
pub struct GamePlugin;

impl Plugin for GamePlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins((
            FrameTimeDiagnosticsPlugin::default(),
            InputManagerPlugin::<ArenaAction>::default(),
            BvgdmPlugin,
            WorldActionsPlugin::<ArenaAction>::default(),
        ))
        .insert_resource(ClearColor(Color::BLACK))
        .init_state::<Stage>()
        .add_plugins((LoadingPlugin, ScreenPlugin, ControlsPlugin, KeysPlugin));
    }
}

/// The log: what the game tells of itself, and of everything else what is wrong. A file that cannot be
/// loaded is on the screen already.
pub fn log() -> LogPlugin {
    LogPlugin {
        filter: "warn,bevy_asset=off,bevy_asset_loader=off,neural_game=info,bvgdm=info".to_owned(),
        ..default()
    }
}
