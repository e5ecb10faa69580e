//! Recordings that cannot be made, and those that end with the game.

use bevy::prelude::*;
use bvgdm::record::{
    RecordedCamera, RecordedPlayer, RecorderError, RecorderEvent, RecorderPlugin, RecorderSettings,
};
use bvgdm::{ActionBinding, ActionMapError, ActionSpec, NeuralWorld, SchemaActions};
use bvgdm_data::Episode;
use leafwing_input_manager::prelude::*;

use super::counter::{Act, counting_game, events, finish, start, stop};
use super::pairing::check;
use crate::support::gpu_or_skip;

/// Why recordings have failed so far.
fn failures(app: &App) -> Vec<&RecorderError> {
    let events = events(app).iter();
    events
        .filter_map(|event| match event {
            RecorderEvent::Failed { reason, .. } => Some(reason),
            _ => None,
        })
        .collect()
}

#[test]
fn a_recording_of_no_camera_or_of_several_fails_and_says_so() {
    if !gpu_or_skip("a_recording_of_no_camera_or_of_several_fails_and_says_so") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game((16, 16), 1);
    let world = app.world_mut();
    let mut named = world.query_filtered::<Entity, With<RecordedCamera>>();
    let camera = named.single(world).unwrap();
    let other = world.spawn((Camera3d::default(), RecordedCamera)).id();
    start(&mut app, &out.path().join("several"));
    (0..3).for_each(|_| app.update());
    assert_eq!(failures(&app), [&RecorderError::Camera { found: 2 }]);
    assert!(!out.path().join("several").exists());

    // The camera goes while it is recorded: what was before stays.
    app.world_mut().despawn(other);
    (0..20).for_each(|_| app.update());
    let folder = out.path().join("left");
    start(&mut app, &folder);
    (0..10).for_each(|_| app.update());
    app.world_mut().despawn(camera);
    app.update();
    finish(&mut app);
    app.update();
    assert_eq!(failures(&app)[1..], [&RecorderError::Camera { found: 0 }]);
    check(&folder, 10);
}

#[test]
fn of_several_players_the_named_one_is_recorded() {
    if !gpu_or_skip("of_several_players_the_named_one_is_recorded") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game((16, 16), 1);
    // With a second player the counting game stands still: only the named one pushes, all others turn.
    app.add_systems(
        FixedPreUpdate,
        |mut all: Query<(&mut ActionState<Act>, Has<RecordedPlayer>)>| {
            for (mut state, named) in &mut all {
                state.set_value(&Act::Turn, if named { 0.0 } else { 3.0 });
                if named {
                    state.press(&Act::Push);
                }
            }
        },
    );
    let second = app.world_mut().spawn(ActionState::<Act>::default()).id();
    start(&mut app, &out.path().join("several"));
    (0..3).for_each(|_| app.update());
    let failed = failures(&app);
    assert!(
        matches!(failed[..], [RecorderError::Player { found: 2, .. }]),
        "{failed:?}"
    );

    // A world that plays beside the game is no player; two of three are left to choose from.
    let dreamt = ActionState::<Act>::default();
    app.world_mut().spawn((NeuralWorld::default(), dreamt));
    app.world_mut().entity_mut(second).insert(RecordedPlayer);
    let folder = out.path().join("named");
    start(&mut app, &folder);
    (0..5).for_each(|_| app.update());
    stop(&mut app);
    finish(&mut app);
    let episode = Episode::open(&folder).unwrap();
    assert_eq!(episode.len(), 5);
    for action in &episode.actions()[..4] {
        assert_eq!(action.0, [1.0, 0.0]);
    }
}

#[test]
fn a_game_that_ends_while_it_records_keeps_the_recording() {
    if !gpu_or_skip("a_game_that_ends_while_it_records_keeps_the_recording") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game((64, 64), 1);
    start(&mut app, out.path());
    (0..100).for_each(|_| app.update());
    drop(app);
    let episode = Episode::open(out.path()).unwrap();
    assert!(episode.metadata().complete);
    // But for the pictures that were still under way.
    assert!(episode.len() > 90, "{} frames", episode.len());
    check(out.path(), episode.len());
}

/// An action that no schema knows.
#[derive(Actionlike, Debug, Clone, Copy, PartialEq, Eq, Hash, Reflect)]
enum Look {
    #[actionlike(DualAxis)]
    Around,
}

impl SchemaActions for Look {
    fn bindings() -> Vec<ActionBinding<Self>> {
        vec![ActionBinding::new(
            Self::Around,
            ActionSpec::axis("around", -1.0, 1.0),
        )]
    }
}

#[derive(Resource, Default)]
struct Failed(Vec<RecorderError>);

#[test]
fn a_game_whose_actions_are_refused_runs_and_hears_why() {
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .add_plugins(RecorderPlugin::<Look>::new(RecorderSettings::default()))
        .init_resource::<Failed>()
        .add_systems(
            Update,
            |mut events: MessageReader<RecorderEvent>, mut failed: ResMut<Failed>| {
                for event in events.read() {
                    if let RecorderEvent::Failed { reason, .. } = event {
                        failed.0.push(reason.clone());
                    }
                }
            },
        );
    let out = tempfile::tempdir().unwrap();
    start(&mut app, &out.path().join("refused"));
    (0..2).for_each(|_| app.update());
    let failed = &app.world().resource::<Failed>().0;
    assert!(
        matches!(
            failed[..],
            [RecorderError::Actions(ActionMapError::Kind { .. })]
        ),
        "{failed:?}"
    );
}
