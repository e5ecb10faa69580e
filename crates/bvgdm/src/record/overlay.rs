//! Recording live: the key and the red dot. The dot is drawn on the window, never on the recording.

use std::path::Path;

use bevy::prelude::*;

use super::recorder::{RecorderStatus, StartRecording, StopRecording};
use super::settings::RecorderSettings;

/// The red dot.
#[derive(Component)]
pub(super) struct Dot;

pub(super) fn press_key(
    keys: Option<Res<ButtonInput<KeyCode>>>,
    settings: Res<RecorderSettings>,
    status: Res<RecorderStatus>,
    mut starts: MessageWriter<StartRecording>,
    mut stops: MessageWriter<StopRecording>,
) {
    let pressed = keys
        .zip(settings.key)
        .is_some_and(|(k, key)| k.just_pressed(key));
    if !pressed {
        return;
    }
    if status.recording || status.waiting {
        stops.write(StopRecording);
    } else {
        let folder = free_folder(&settings.folder);
        let seed = settings.seed;
        starts.write(StartRecording { folder, seed });
    }
}

/// The first of `live_00000`, `live_00001`, … that does not exist.
fn free_folder(folder: &Path) -> std::path::PathBuf {
    (0..100_000)
        .map(|i| folder.join(format!("live_{i:05}")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join("live_full"))
}

pub(super) fn show_dot(
    mut commands: Commands,
    status: Res<RecorderStatus>,
    windows: Query<(), With<Window>>,
    dots: Query<Entity, With<Dot>>,
) {
    if !status.is_changed() || windows.is_empty() {
        return;
    }
    for dot in &dots {
        commands.entity(dot).despawn();
    }
    if status.recording {
        commands.spawn((
            Dot,
            Node {
                position_type: PositionType::Absolute,
                top: px(16),
                right: px(16),
                width: px(18),
                height: px(18),
                border_radius: BorderRadius::MAX,
                ..default()
            },
            BackgroundColor(Color::srgb(0.93, 0.15, 0.18)),
        ));
    }
}
