//! The scripted player sees everything and does everything.

use std::collections::HashMap;

use arena::layout::Room;
use arena::{ArenaState, Input, Rules, ScriptedPlayer};

/// 40 episodes of 30 seconds, as a recording has them.
fn play(mut see: impl FnMut(&ArenaState, &Input)) {
    let rules = Rules::default();
    for seed in 0..40 {
        let mut state = ArenaState::new(seed, &rules);
        let mut player = ScriptedPlayer::new(seed);
        for _ in 0..600 {
            let input = player.play(&state);
            rules.step(&mut state, &input);
            see(&state, &input);
        }
    }
}

#[test]
fn the_script_spends_time_in_every_room_and_turns_every_way() {
    let (mut rooms, mut turns, mut ticks) = (HashMap::new(), [0; 8], 0);
    play(|state, _| {
        if let Some(room) = Room::at(state.player.at) {
            *rooms.entry(room).or_insert(0) += 1;
        }
        turns[(state.player.yaw / 45.0) as usize % 8] += 1;
        ticks += 1;
    });
    for room in Room::ALL {
        let share = f64::from(rooms.get(&room).copied().unwrap_or(0)) / f64::from(ticks);
        println!("{room:?}: {share:.3}");
        assert!(share > 0.08, "{room:?}: {share:.3} of the time");
    }
    let least = turns.iter().min().copied().unwrap_or(0);
    assert!(f64::from(least) / f64::from(ticks) > 0.06, "{turns:?}");
}

#[test]
fn the_script_uses_every_action_and_holds_keys_as_people_do() {
    let mut shares = [0_u32; 9];
    let (mut ticks, mut moved, mut lamps, mut doors) = (0_u32, 0.0, 0, 0);
    let mut last: Option<ArenaState> = None;
    let (mut holds, mut presses) = (0_u32, 0_u32);
    let mut held = false;
    play(|state, input| {
        let on = |b: bool| u32::from(b);
        let now = [
            on(input.forward),
            on(input.back),
            on(input.left),
            on(input.right),
            on(input.yaw != 0.0),
            on(input.pitch != 0.0),
            on(input.jump),
            on(input.attack),
            on(input.interact),
        ];
        shares.iter_mut().zip(now).for_each(|(sum, n)| *sum += n);
        holds += on(input.forward);
        presses += on(input.forward && !held);
        held = input.forward;
        ticks += 1;
        if let Some(last) = &last {
            let way = state.player.at.distance(last.player.at);
            moved += if way < 0.5 { way } else { 0.0 };
            lamps += on(state.lamps != last.lamps);
            doors += on(state.doors != last.doors);
        }
        last = Some(state.clone());
    });
    let share = shares.map(|n| f64::from(n) / f64::from(ticks));
    println!(
        "{share:.3?}; {:.3} m a tick; {lamps} lamps, {doors} ticks of doors",
        moved / ticks as f32
    );
    assert!(share[0] > 0.3, "forward: {share:?}");
    assert!(share.iter().all(|s| *s > 0.03), "{share:?}");
    assert!(moved / ticks as f32 > 0.06, "{moved} m in {ticks} ticks");
    assert!(lamps > 100 && doors > 200, "{lamps}, {doors}");
    assert!(
        holds / presses > 8,
        "forward is held {} ticks",
        holds / presses
    );
}
