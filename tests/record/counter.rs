//! A game that is nothing but its clear colour: red counts ticks, green and blue show what the
//! last tick saw of the two actions.

use std::path::Path;
use std::time::Duration;

use bevy::log::LogPlugin;
use bevy::prelude::*;
use bvgdm::record::{
    HeadlessPlugins, RecordedCamera, RecorderEvent, RecorderPlugin, RecorderSettings,
    StartRecording, StopRecording, finish_recordings, warm_up,
};
use bvgdm::{ActionBinding, ActionSpec, Frame, SchemaActions};
use leafwing_input_manager::prelude::*;

#[derive(Actionlike, Debug, Clone, Copy, PartialEq, Eq, Hash, Reflect)]
pub enum Act {
    Push,
    #[actionlike(Axis)]
    Turn,
}

impl SchemaActions for Act {
    fn bindings() -> Vec<ActionBinding<Self>> {
        vec![
            ActionBinding::new(Self::Push, ActionSpec::button("push")),
            ActionBinding::new(Self::Turn, ActionSpec::axis("turn", -4.0, 4.0)),
        ]
    }
}

/// Ticks of the game.
#[derive(Resource, Default)]
pub struct Ticks(pub u32);

/// What happened to the recordings.
#[derive(Resource, Default)]
pub struct Events(pub Vec<RecorderEvent>);

/// The game, ready to record.
pub fn counting_game(size: (u32, u32), supersample: u32) -> App {
    counting_game_with(size, supersample, |_| {})
}

/// The game with something more in it, ready to record.
pub fn counting_game_with(size: (u32, u32), supersample: u32, more: impl FnOnce(&mut App)) -> App {
    let mut app = App::new();
    let settings = RecorderSettings {
        game: "counter".to_owned(),
        width: size.0,
        height: size.1,
        supersample,
        folder: Path::new("recordings").to_owned(),
        seed: 0,
        key: Some(KeyCode::F9),
    };
    // The recorder first: it does not matter whether Bevy's own plugins are there yet.
    app.add_plugins(RecorderPlugin::<Act>::new(settings))
        .add_plugins(HeadlessPlugins.build().disable::<LogPlugin>())
        .add_plugins(InputManagerPlugin::<Act>::default())
        .insert_resource(Time::<Fixed>::from_hz(20.0))
        .init_resource::<Ticks>()
        .init_resource::<Events>()
        .add_systems(Startup, spawn)
        .add_systems(FixedPreUpdate, play)
        .add_systems(FixedUpdate, show)
        .add_systems(Update, note);
    more(&mut app);
    warm_up(&mut app, Duration::from_secs(120)).unwrap();
    app
}

/// Asks for a recording into `folder`.
pub fn start(app: &mut App, folder: &Path) {
    app.world_mut().write_message(StartRecording {
        folder: folder.to_owned(),
        seed: 7,
    });
}

/// Ends the recording.
pub fn stop(app: &mut App) {
    app.world_mut().write_message(StopRecording);
}

/// Updates until everything is on the disk.
pub fn finish(app: &mut App) {
    finish_recordings(app, Duration::from_secs(60)).unwrap();
}

/// What has happened to the recordings.
pub fn events(app: &App) -> &[RecorderEvent] {
    &app.world().resource::<Events>().0
}

/// What a frame says: ticks (modulo 120), whether the last tick saw a push, and its turn.
pub fn read(frame: &Frame) -> (u32, bool, f32) {
    let first = &frame.rgb[..3];
    let even = frame.rgb.chunks_exact(3).all(|pixel| pixel == first);
    assert!(even, "a frame is of one colour");
    let red = (f32::from(first[0]) / 2.0).round() as u32;
    (red, first[1] > 100, f32::from(first[2]) / 20.0 - 5.0)
}

fn spawn(mut commands: Commands) {
    commands.spawn((Camera3d::default(), RecordedCamera));
    commands.spawn(ActionState::<Act>::default());
}

/// A pattern in which no tick is like its neighbours.
fn play(ticks: Res<Ticks>, mut player: Single<&mut ActionState<Act>>) {
    if ticks.0.is_multiple_of(3) || ticks.0 % 7 == 1 {
        player.press(&Act::Push);
    } else {
        player.release(&Act::Push);
    }
    player.set_value(&Act::Turn, (ticks.0 * 5 % 9) as f32 - 4.0);
}

fn show(
    mut ticks: ResMut<Ticks>,
    mut color: ResMut<ClearColor>,
    player: Single<&ActionState<Act>>,
) {
    ticks.0 += 1;
    let push = if player.pressed(&Act::Push) { 200 } else { 40 };
    let turn = (player.value(&Act::Turn) + 5.0) * 20.0;
    color.0 = Color::srgb_u8((ticks.0 % 120 * 2) as u8, push, turn as u8);
}

fn note(mut messages: MessageReader<RecorderEvent>, mut events: ResMut<Events>) {
    events.0.extend(messages.read().cloned());
}
