//! The plugin and the order of its systems.

use bevy::diagnostic::{Diagnostic, RegisterDiagnostic as _};
use bevy::prelude::*;

use super::asset::WorldAsset;
use super::burn::BurnDevices;
use super::command::{WorldCommand, obey_commands};
use super::loader::{WeightsLoader, WorldLoader};
use super::materials::NeuralMaterialPlugin;
use super::passes::{
    CompiledWorlds, add_render_systems, handle_render_errors, note_render_settings,
};
use super::receive::receive_frames;
use super::send::send_steps;
use super::start::{follow_assets, follow_devices, start_engines};
use super::stats::{DROPPED, FRAME_MS, GENERATED_FPS, Tally, report_statistics};
use super::switch::switch_engines;
use super::world::{FrameGenerated, WorldFailed, WorldReady, WorldReseeded};

/// Plays every [`NeuralWorld`](super::NeuralWorld) of the scene, in virtual time: worlds stand while it is
/// paused and keep its speed.
///
/// It needs Bevy's asset, image and time plugins, and neither a window nor a GPU.
#[derive(Debug, Clone, Copy, Default)]
pub struct BvgdmPlugin;

/// What happens when in a scene frame.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaySystems {
    /// In `PreUpdate`: engines start, and the frames that they made reach their images.
    Receive,
    /// In `PreUpdate`, after leafwing: what is held is noted down.
    Collect,
    /// In `PostUpdate`: commands are obeyed and the next frames asked for.
    Send,
    /// In the render world's `RenderGraph`, before the cameras: passes are encoded, and pictures drawn into
    /// their images.
    Draw,
}

impl Plugin for BvgdmPlugin {
    fn build(&self, app: &mut App) {
        handle_render_errors(app);
        #[cfg(feature = "pbr")]
        app.add_plugins(NeuralMaterialPlugin::<StandardMaterial>::default());
        app.init_asset::<WorldAsset>()
            .register_asset_loader(WorldLoader)
            .register_asset_loader(WeightsLoader)
            .add_message::<WorldCommand>()
            .add_message::<WorldReady>()
            .add_message::<FrameGenerated>()
            .add_message::<WorldFailed>()
            .add_message::<WorldReseeded>()
            .add_plugins(NeuralMaterialPlugin::<ColorMaterial>::default())
            .init_resource::<Tally>()
            .init_resource::<CompiledWorlds>()
            .init_resource::<BurnDevices>()
            .register_diagnostic(Diagnostic::new(FRAME_MS).with_suffix(" ms"))
            .register_diagnostic(Diagnostic::new(GENERATED_FPS).with_suffix(" /s"))
            .register_diagnostic(Diagnostic::new(DROPPED))
            .configure_sets(
                PreUpdate,
                (PlaySystems::Receive, PlaySystems::Collect).chain(),
            )
            .add_systems(
                PreUpdate,
                (
                    follow_assets,
                    follow_devices,
                    start_engines,
                    receive_frames,
                    switch_engines,
                )
                    .chain()
                    .in_set(PlaySystems::Receive),
            )
            .add_systems(
                PostUpdate,
                (obey_commands, send_steps, report_statistics)
                    .chain()
                    .in_set(PlaySystems::Send),
            );
    }

    /// Other plugins have made the render world by now, if there is to be one.
    fn finish(&self, app: &mut App) {
        add_render_systems(app);
        note_render_settings(app);
    }
}
