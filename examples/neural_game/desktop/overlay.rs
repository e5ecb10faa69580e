//! Figures, keys and errors over the picture.

use std::time::Duration;

use bevy::diagnostic::{DiagnosticPath, DiagnosticsStore, FrameTimeDiagnosticsPlugin};
use bevy::prelude::*;
use bvgdm::play::{ActiveEngine, DROPPED, FRAME_MS, GENERATED_FPS, WorldStats};
use bvgdm::{WorldReseeded, WorldStatus};

use super::recording::Recording;
use crate::neural_game::controls::Controls;
use crate::neural_game::stage::{Played, Stage};

const KEYS: &str = "R reset (Shift: elsewhere)   P pause   F9 record   F smooth or crisp   G engine   H hide   \
                    Esc free the mouse";

/// How long a notice of something that has happened stays.
const STAYS: Duration = Duration::from_secs(5);

/// H hides it.
pub struct OverlayPlugin;

#[derive(Component)]
struct Overlay;

#[derive(Component)]
struct Figures;

#[derive(Component)]
struct Notice;

#[derive(Component)]
struct Reason;

impl Plugin for OverlayPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(OnEnter(Stage::Playing), show_overlay)
            .add_systems(OnEnter(Stage::Failed), show_failure)
            .add_systems(Update, write_failure.run_if(in_state(Stage::Failed)))
            .add_systems(
                Update,
                (write_figures, write_notice, hide_overlay).run_if(in_state(Stage::Playing)),
            );
    }
}

fn show_overlay(mut commands: Commands, played: Played<&Controls>) {
    let keys = played.map_or_else(String::new, |controls| controls.to_string());
    let keys = format!("{keys}\n{KEYS}");
    let corner = |node: Node| Node {
        position_type: PositionType::Absolute,
        left: px(12),
        ..node
    };
    let label = |text: &str| {
        let font = TextFont {
            font_size: FontSize::Px(15.0),
            ..default()
        };
        let back = BackgroundColor(Color::srgba(0.0, 0.0, 0.0, 0.45));
        (Text::new(text), font, back, DespawnOnExit(Stage::Playing))
    };
    commands.spawn((
        Overlay,
        Figures,
        label(""),
        corner(Node {
            top: px(10),
            ..default()
        }),
    ));
    commands.spawn((
        Overlay,
        label(&keys),
        corner(Node {
            bottom: px(10),
            ..default()
        }),
    ));
    let red = TextColor(Color::srgb(1.0, 0.35, 0.3));
    commands.spawn((
        Notice,
        red,
        label(""),
        corner(Node {
            // Below the figures' two lines.
            top: px(56),
            ..default()
        }),
    ));
}

fn write_figures(
    diagnostics: Res<DiagnosticsStore>,
    played: Played<(&WorldStats, &ActiveEngine)>,
    mut text: Single<&mut Text, With<Figures>>,
) {
    let smooth = |path: &DiagnosticPath| {
        let diagnostic = diagnostics.get(path)?;
        diagnostic.smoothed().or_else(|| diagnostic.value())
    };
    let figure = |path| smooth(path).unwrap_or_default();
    let dropped = diagnostics
        .get_measurement(&DROPPED)
        .map_or(0.0, |measured| measured.value);
    let Some((stats, engine)) = played.as_deref() else {
        return;
    };
    let timings = stats.timings;
    // The GPU's stages cannot be told apart from here.
    let parts = match engine.on_gpu {
        true => String::new(),
        false => format!(
            " (denoise {:.1}, decode {:.1}, upload {:.2})",
            timings.denoise_ms, timings.decode_ms, timings.upload_ms
        ),
    };
    let line = format!(
        "{}: {:.0} generated frames/s, {:.1} ms each{parts}, {dropped:.0} dropped/s, window {:.0}/s",
        engine.name,
        figure(&GENERATED_FPS),
        figure(&FRAME_MS),
        figure(&FrameTimeDiagnosticsPlugin::FPS),
    );
    // Why it is not the engine that was asked for.
    let line = match &engine.reason {
        Some(reason) => format!("{line}\n{reason}"),
        None => line,
    };
    text.set_if_neq(Text(line));
}

fn write_notice(
    time: Res<Time<Real>>,
    recording: Res<Recording>,
    played: Played<&WorldStatus>,
    mut reseeded: MessageReader<WorldReseeded>,
    mut interrupted: Local<Option<(String, Duration)>>,
    mut text: Single<&mut Text, With<Notice>>,
) {
    let now = time.elapsed();
    if let Some(message) = reseeded.read().last() {
        *interrupted = Some((format!("it was interrupted: {}   ", message.reason), now));
    }
    interrupted.take_if(|(_, since)| now - *since > STAYS);
    let state = match played.as_deref() {
        Some(WorldStatus::Paused) => "paused   ",
        Some(WorldStatus::Loading) => "starting the engine   ",
        _ => "",
    };
    let interrupted = interrupted.as_ref().map_or("", |(text, _)| text);
    text.set_if_neq(Text(format!("{state}{interrupted}{}", recording.notice())));
}

fn hide_overlay(
    keys: Res<ButtonInput<KeyCode>>,
    mut overlay: Query<&mut Visibility, With<Overlay>>,
) {
    if keys.just_pressed(KeyCode::KeyH) {
        for mut visibility in &mut overlay {
            visibility.toggle_inherited_hidden();
        }
    }
}

fn show_failure(mut commands: Commands) {
    let centred = Node {
        width: percent(100),
        height: percent(100),
        padding: UiRect::all(px(60)),
        align_items: AlignItems::Center,
        justify_content: JustifyContent::Center,
        ..default()
    };
    commands.spawn((
        DespawnOnExit(Stage::Failed),
        centred,
        children![(Text::default(), Reason)],
    ));
}

fn write_failure(played: Played<&WorldStatus>, mut text: Single<&mut Text, With<Reason>>) {
    text.set_if_neq(Text(match played.as_deref() {
        Some(WorldStatus::Failed(reason)) => {
            format!("The world cannot be played.\n\n{reason}\n\nR tries again.")
        }
        _ => "Trying again.".to_owned(),
    }));
}
