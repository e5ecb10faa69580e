//! What the recorded picture shows of each action.

use std::path::Path;
use std::time::Duration;

use arena::{Arena, ArenaAction, ArenaCamera, ArenaPlugin, ArenaSystems, Driver, Input, Player};
use bevy::log::LogPlugin;
use bevy::math::vec2;
use bevy::prelude::*;
use bvgdm::record::{
    HeadlessPlugins, RecordedCamera, RecorderPlugin, RecorderSettings, StartRecording,
    StopRecording, finish_recordings, warm_up,
};
use bvgdm_core::Frame;
use bvgdm_data::Episode;
use leafwing_input_manager::prelude::*;

use crate::support::gpu_or_skip;

/// What is held from the third tick of an episode on.
#[derive(Resource, Default)]
struct Held(Input);

/// Ticks of the episode.
#[derive(Resource, Default)]
struct Tick(u32);

fn arena() -> App {
    let mut app = App::new();
    app.add_plugins(HeadlessPlugins.build().disable::<LogPlugin>())
        .add_plugins(ArenaPlugin {
            seed: 1,
            driver: Driver::Other,
        })
        .add_plugins(RecorderPlugin::<ArenaAction>::new(
            RecorderSettings::default(),
        ))
        .init_resource::<Held>()
        .init_resource::<Tick>()
        .add_systems(PostStartup, name_camera)
        .add_systems(FixedPreUpdate, hold.in_set(ArenaSystems::Decide));
    warm_up(&mut app, Duration::from_secs(120)).unwrap();
    app
}

fn name_camera(mut commands: Commands, camera: Single<Entity, With<ArenaCamera>>) {
    commands.entity(*camera).insert(RecordedCamera);
}

fn hold(
    held: Res<Held>,
    mut tick: ResMut<Tick>,
    mut player: Single<&mut ActionState<ArenaAction>, With<Player>>,
) {
    let input = if tick.0 >= 3 {
        held.0
    } else {
        Input::default()
    };
    input.write(&mut player);
    tick.0 += 1;
}

/// Six frames before a lamp; `input` is held from frame 2 on, so that it can be seen from frame 3.
fn record(app: &mut App, input: Input, folder: &Path) -> Vec<Frame> {
    let world = app.world_mut();
    world.resource_mut::<Held>().0 = input;
    world.resource_mut::<Tick>().0 = 0;
    let mut arena = world.resource_mut::<Arena>();
    let rules = arena.rules.clone();
    arena.state = arena::ArenaState::new(5, &rules);
    arena.state.player.at = vec2(2.2, -5.2);
    arena.state.player.yaw = 10.0;
    let folder = folder.to_owned();
    world.write_message(StartRecording {
        folder: folder.clone(),
        seed: 5,
    });
    (0..6).for_each(|_| app.update());
    app.world_mut().write_message(StopRecording);
    finish_recordings(app, Duration::from_secs(60)).unwrap();
    Episode::open(&folder).unwrap().frames(0..6).unwrap()
}

/// The mean difference of two frames, in levels of 255.
fn difference(a: &Frame, b: &Frame) -> f64 {
    let sum: u64 = a
        .rgb
        .iter()
        .zip(&b.rgb)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / a.rgb.len() as f64
}

#[test]
fn every_action_is_seen_within_two_frames_and_the_same_inputs_give_the_same_frames() {
    if !gpu_or_skip("every_action_is_seen_within_two_frames") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = arena();
    let still = record(&mut app, Input::default(), &out.path().join("still"));
    let again = record(&mut app, Input::default(), &out.path().join("again"));
    assert!(still == again, "the same inputs give the same frames");
    let actions: [(&str, fn(&mut Input)); 9] = [
        ("forward", |i| i.forward = true),
        ("back", |i| i.back = true),
        ("left", |i| i.left = true),
        ("right", |i| i.right = true),
        ("yaw", |i| i.yaw = 3.0),
        ("pitch", |i| i.pitch = 3.0),
        ("jump", |i| i.jump = true),
        ("attack", |i| i.attack = true),
        ("use", |i| i.interact = true),
    ];
    for (name, set) in actions {
        let mut input = Input::default();
        set(&mut input);
        let frames = record(&mut app, input, &out.path().join(name));
        assert!(frames[2] == still[2], "{name}: nothing is held yet");
        let seen = difference(&frames[4], &still[4]);
        println!("{name}: {seen:.2} levels after two frames");
        assert!(seen > 0.5, "{name}: {seen:.2} levels after two frames");
    }
}
