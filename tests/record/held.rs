//! Between two ticks nothing of what a player does is lost, and nothing counts twice.

use std::time::Duration;

use bevy::input::InputPlugin;
use bevy::input::mouse::MouseMotion;
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use bvgdm::record::HeldInputPlugin;
use leafwing_input_manager::prelude::*;

use super::counter::Act;

/// What a tick saw.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    pushed: bool,
    just_pushed: bool,
    just_let_go: bool,
    turn: f32,
}

#[derive(Resource, Default)]
struct Log(Vec<Seen>);

/// Ticks of 50 ms, and a display that draws every `millis`.
fn game(millis: u64) -> App {
    let mut app = App::new();
    let keys = InputMap::new([(Act::Push, KeyCode::Space)])
        .with_axis(Act::Turn, MouseMoveAxis::X.sensitivity(0.5));
    app.add_plugins((MinimalPlugins, InputPlugin))
        .add_plugins(InputManagerPlugin::<Act>::default())
        .add_plugins(HeldInputPlugin::<Act>::default())
        .insert_resource(Time::<Fixed>::from_hz(20.0))
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
            millis,
        )))
        .init_resource::<Log>()
        .add_systems(
            FixedUpdate,
            |player: Single<&ActionState<Act>>, mut log: ResMut<Log>| {
                log.0.push(Seen {
                    pushed: player.pressed(&Act::Push),
                    just_pushed: player.just_pressed(&Act::Push),
                    just_let_go: player.just_released(&Act::Push),
                    turn: player.value(&Act::Turn),
                });
            },
        );
    app.world_mut().spawn(keys);
    app
}

/// Updates until there was a tick: of a fast display, the next update has none.
fn until_tick(app: &mut App) {
    let before = app.world().resource::<Log>().0.len();
    while app.world().resource::<Log>().0.len() == before {
        app.update();
    }
}

fn press(app: &mut App, down: bool) {
    let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
    if down {
        keys.press(KeyCode::Space);
    } else {
        keys.release(KeyCode::Space);
    }
}

fn move_mouse(app: &mut App) {
    let delta = Vec2::new(2.0, 0.0);
    app.world_mut().write_message(MouseMotion { delta });
}

/// What the ticks of `act` and of a few updates after it saw.
fn seen(app: &mut App, act: impl FnOnce(&mut App)) -> Vec<Seen> {
    until_tick(app);
    app.world_mut().resource_mut::<Log>().0.clear();
    act(app);
    (0..10).for_each(|_| app.update());
    app.world().resource::<Log>().0.clone()
}

fn count(seen: &[Seen], what: impl Fn(&Seen) -> bool) -> usize {
    seen.iter().filter(|tick| what(tick)).count()
}

#[test]
fn a_press_between_two_ticks_counts_for_one() {
    let mut app = game(20);
    let seen = seen(&mut app, |app| {
        press(app, true);
        app.update();
        press(app, false);
    });
    assert_eq!(count(&seen, |tick| tick.pushed), 1, "{seen:?}");
    assert_eq!(count(&seen, |tick| tick.just_pushed), 1, "{seen:?}");
    assert_eq!(count(&seen, |tick| tick.just_let_go), 1, "{seen:?}");
}

#[test]
fn a_button_that_is_let_go_between_two_ticks_was_pressed_once() {
    let mut app = game(20);
    let seen = seen(&mut app, |app| {
        press(app, true);
        until_tick(app);
        // Held for one more update, which has no tick, and let go in the next.
        app.update();
        press(app, false);
    });
    assert_eq!(count(&seen, |tick| tick.pushed), 2, "{seen:?}");
    assert_eq!(count(&seen, |tick| tick.just_pushed), 1, "{seen:?}");
}

#[test]
fn motion_adds_up_over_updates_and_counts_once() {
    // Three updates a tick, then two ticks an update.
    for millis in [17, 100] {
        let mut app = game(millis);
        let seen = seen(&mut app, |app| {
            for _ in 0..3 {
                move_mouse(app);
                app.update();
            }
        });
        let sum: f32 = seen.iter().map(|tick| tick.turn).sum();
        assert_eq!(sum, 3.0, "{millis} ms: {seen:?}");
    }
}

#[test]
fn what_happens_while_time_stands_is_nothing_to_the_game() {
    let mut app = game(20);
    let seen = seen(&mut app, |app| {
        app.world_mut().resource_mut::<Time<Virtual>>().pause();
        press(app, true);
        for _ in 0..3 {
            move_mouse(app);
            app.update();
        }
        press(app, false);
        app.update();
        app.world_mut().resource_mut::<Time<Virtual>>().unpause();
    });
    assert!(seen.len() > 2, "{seen:?}");
    assert_eq!(
        count(&seen, |tick| tick.pushed || tick.turn != 0.0),
        0,
        "{seen:?}"
    );
}
