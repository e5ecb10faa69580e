//! The loading screen: how much is there.

use bevy::prelude::*;
use iyes_progress::ProgressTracker;

use crate::neural_game::stage::Stage;

/// Shows a bar while the world loads.
pub struct BarPlugin;

#[derive(Component)]
struct Bar;

impl Plugin for BarPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(OnEnter(Stage::Loading), show_bar)
            .add_systems(Update, fill_bar.run_if(in_state(Stage::Loading)));
    }
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
