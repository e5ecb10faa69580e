//! Frames of the app that wait for no display, while a script is played for its figures.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy::winit::{UpdateMode, WinitSettings};
use web_time::Duration;

use super::script::Script;

/// From one frame of the app to the next, at least: its worker and its page need the processor too.
const WAIT: Duration = Duration::from_millis(1);

/// Takes the display away from the app while a script hurries, and gives it back: nothing is drawn then, and a
/// window that cannot be seen is not waited for.
pub fn hurry_with_scripts(
    script: Res<Script>,
    mut settings: ResMut<WinitSettings>,
    mut window: Single<&mut Window, With<PrimaryWindow>>,
    mut cameras: Query<&mut Camera>,
    mut hurries: Local<bool>,
) {
    let hurry = script.hurries();
    if std::mem::replace(&mut *hurries, hurry) == hurry {
        return;
    }
    *settings = match hurry {
        true => WinitSettings {
            focused_mode: UpdateMode::reactive(WAIT),
            unfocused_mode: UpdateMode::reactive(WAIT),
        },
        false => WinitSettings::default(),
    };
    window.visible = !hurry;
    for mut camera in &mut cameras {
        camera.is_active = !hurry;
    }
}
