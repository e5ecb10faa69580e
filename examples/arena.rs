//! The arena, to play: WASD, mouse or arrow keys, Space, left button, E. R starts again, F9 records,
//! a click takes the mouse and Escape frees it. `cargo run --release --example arena -- [SEED]`.

use arena::mouse::MousePlugin;
use arena::{ArenaAction, ArenaCamera, ArenaPlugin, Driver, ResetArena};
use bevy::prelude::*;
use bvgdm::record::{
    RecordedCamera, RecorderEvent, RecorderPlugin, RecorderSettings, StopRecording,
};
use clap::Parser;

#[derive(Parser)]
#[command(about = "The arena, to play; F9 records, R starts again with the next seed")]
struct Args {
    /// Chooses where the game starts.
    #[arg(default_value_t = 1)]
    seed: u64,
}

/// What became of a recording; on the window, never on the recording.
#[derive(Component)]
pub struct Notice;

fn main() -> AppExit {
    let Args { seed } = Args::parse();
    let window = Window {
        title: "Arena".to_owned(),
        resolution: (1120, 640).into(),
        ..default()
    };
    let recorder = RecorderSettings {
        game: "arena".to_owned(),
        seed,
        ..default()
    };
    App::new()
        .add_plugins(DefaultPlugins.set(WindowPlugin {
            primary_window: Some(window),
            ..default()
        }))
        .add_plugins(ArenaPlugin {
            seed,
            driver: Driver::Person,
        })
        .add_plugins(RecorderPlugin::<ArenaAction>::new(recorder))
        .add_systems(Startup, spawn_notice)
        .add_systems(PostStartup, name_camera)
        .add_plugins(MousePlugin)
        .add_systems(Update, (restart, write_notice))
        .run()
}

fn name_camera(mut commands: Commands, camera: Single<Entity, With<ArenaCamera>>) {
    commands.entity(*camera).insert(RecordedCamera);
}

fn spawn_notice(mut commands: Commands) {
    let corner = Node {
        position_type: PositionType::Absolute,
        left: px(12),
        bottom: px(10),
        ..default()
    };
    commands.spawn((
        Notice,
        Text::default(),
        TextFont::from_font_size(FontSize::Px(15.0)),
        corner,
    ));
}

/// An episode does not jump: a new game ends it, and recordings from then on name the new seed.
pub fn restart(
    keys: Res<ButtonInput<KeyCode>>,
    mut settings: ResMut<RecorderSettings>,
    mut stops: MessageWriter<StopRecording>,
    mut resets: MessageWriter<ResetArena>,
) {
    if keys.just_pressed(KeyCode::KeyR) {
        settings.seed = settings.seed.wrapping_add(1);
        stops.write(StopRecording);
        let seed = settings.seed;
        resets.write(ResetArena { seed });
    }
}

/// Tells the player what became of a recording.
pub fn write_notice(
    mut events: MessageReader<RecorderEvent>,
    mut notice: Single<&mut Text, With<Notice>>,
) {
    for event in events.read() {
        notice.0 = match event {
            RecorderEvent::Started { folder } => format!("recording into {}", folder.display()),
            RecorderEvent::Finished { folder, frames } => {
                format!("{frames} frames are in {}", folder.display())
            }
            RecorderEvent::Failed { folder, reason } => {
                format!("recording ended: {}: {reason}", folder.display())
            }
        };
    }
}
