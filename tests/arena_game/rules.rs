//! One tick after the other, without a renderer.

use arena::layout::{DOORS, LAMPS, PILLARS};
use arena::walls::walls;
use arena::{ArenaState, Input, PLAYER_RADIUS, Rules};
use bevy::math::{Vec2, vec2};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// A state in the middle of the northern room, looking north, with everything off and shut.
fn state(rules: &Rules) -> ArenaState {
    let mut state = ArenaState::new(1, rules);
    state.player.at = vec2(-2.0, -5.5);
    state.player.yaw = 0.0;
    state.lamps = [false; LAMPS.len()];
    state.doors = [arena::sim::DoorState::at_rest(false); DOORS.len()];
    state
}

fn run(rules: &Rules, state: &mut ArenaState, input: Input, ticks: usize) {
    (0..ticks).for_each(|_| rules.step(state, &input));
}

fn random_input(rng: &mut ChaCha8Rng) -> Input {
    Input {
        forward: rng.random_bool(0.7),
        back: rng.random_bool(0.1),
        left: rng.random_bool(0.2),
        right: rng.random_bool(0.2),
        yaw: rng.random_range(-8.0..8.0),
        pitch: rng.random_range(-4.0..4.0),
        jump: rng.random_bool(0.2),
        attack: rng.random_bool(0.2),
        interact: rng.random_bool(0.3),
    }
}

#[test]
fn the_same_seed_and_inputs_give_the_same_states() {
    let rules = Rules::default();
    let play = |seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let mut state = ArenaState::new(seed, &rules);
        for _ in 0..500 {
            rules.step(&mut state, &random_input(&mut rng));
        }
        state
    };
    assert_eq!(play(3), play(3));
    assert_ne!(play(3), play(4));
}

#[test]
fn nobody_ever_stands_in_a_wall_a_pillar_or_a_lamp() {
    let rules = Rules::default();
    let walls = walls();
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut state = ArenaState::new(seed, &rules);
        for _ in 0..1000 {
            rules.step(&mut state, &random_input(&mut rng));
            let at = state.player.at;
            let near = PLAYER_RADIUS - 0.02;
            for wall in &walls {
                let gap = at.distance(at.clamp(wall.min, wall.max));
                assert!(gap > near, "{at} is {gap} m from {wall:?}");
            }
            for pillar in PILLARS {
                assert!(
                    at.distance(pillar.at) > pillar.radius + near,
                    "{at}, {pillar:?}"
                );
            }
        }
    }
}

#[test]
fn walking_leads_where_the_keys_say() {
    let rules = Rules::default();
    let key = |set: fn(&mut Input)| {
        let mut input = Input::default();
        set(&mut input);
        let mut state = state(&rules);
        let from = state.player.at;
        run(&rules, &mut state, input, 5);
        state.player.at - from
    };
    let ways: [(fn(&mut Input), Vec2); 4] = [
        (|i| i.forward = true, vec2(0.0, -1.0)),
        (|i| i.back = true, vec2(0.0, 1.0)),
        (|i| i.left = true, vec2(-1.0, 0.0)),
        (|i| i.right = true, vec2(1.0, 0.0)),
    ];
    for (set, way) in ways {
        let moved = key(set);
        assert!(moved.dot(way) > 0.6, "{moved} along {way}");
        assert!(moved.perp_dot(way).abs() < 1e-3, "{moved} along {way}");
    }
}

#[test]
fn a_jump_comes_down_again() {
    let rules = Rules::default();
    let mut state = state(&rules);
    let jump = Input {
        jump: true,
        ..Input::default()
    };
    run(&rules, &mut state, jump, 1);
    assert!(state.player.height > 0.1, "seen in the next frame");
    let mut highest = 0.0_f32;
    for _ in 0..14 {
        rules.step(&mut state, &Input::default());
        highest = highest.max(state.player.height);
    }
    assert!((0.4..0.8).contains(&highest), "{highest} m");
    assert_eq!(state.player.height, 0.0);
}

#[test]
fn a_lamp_stays_as_it_was_switched_and_holding_the_key_switches_once() {
    let rules = Rules::default();
    let mut state = state(&rules);
    state.player.at = LAMPS[0].at + vec2(0.0, 1.5);
    let press = Input {
        interact: true,
        ..Input::default()
    };
    run(&rules, &mut state, press, 10);
    assert!(state.lamps[0]);
    run(&rules, &mut state, Input::default(), 40);
    assert!(state.lamps[0]);
    run(&rules, &mut state, press, 1);
    assert!(!state.lamps[0]);
}

#[test]
fn a_door_blocks_until_it_is_opened_and_does_not_close_on_the_player() {
    let rules = Rules::default();
    let mut state = state(&rules);
    state.player.at = DOORS[0].at - vec2(1.2, 0.0);
    state.player.yaw = 90.0;
    let walk = Input {
        forward: true,
        ..Input::default()
    };
    let press = Input {
        interact: true,
        ..Input::default()
    };
    run(&rules, &mut state, walk, 30);
    assert!(state.player.at.x < DOORS[0].at.x, "the door is shut");
    run(&rules, &mut state, press, 1);
    run(&rules, &mut state, Input::default(), 8);
    assert!(state.doors[0].open);
    // Into the doorway, and try to shut it from there.
    while state.player.at.x < DOORS[0].at.x {
        run(&rules, &mut state, walk, 1);
    }
    run(&rules, &mut state, press, 1);
    run(&rules, &mut state, Input::default(), 8);
    assert!(!state.closed()[0]);
    run(&rules, &mut state, walk, 20);
    assert!(
        state.player.at.x > DOORS[0].at.x + 1.0,
        "through the open door"
    );
}
