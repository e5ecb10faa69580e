//! Every tick becomes one frame, and its action is the one that leads out of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy::time::TimeUpdateStrategy;
use bvgdm::record::RecorderEvent;
use bvgdm_data::Episode;

use super::counter::{counting_game, events, finish, read, start, stop};
use crate::support::gpu_or_skip;

/// Checks an episode's frames against its actions; returns the ticks of its first frame.
pub fn check(folder: &Path, frames: usize) -> u32 {
    let episode = Episode::open(folder).unwrap();
    assert_eq!(episode.len(), frames);
    assert_eq!(episode.metadata().seed, 7);
    let shown: Vec<_> = episode
        .frames(0..frames)
        .unwrap()
        .iter()
        .map(read)
        .collect();
    let actions = episode.actions();
    for (t, pair) in shown.windows(2).enumerate() {
        let (before, (ticks, push, turn)) = (pair[0].0, pair[1]);
        assert_eq!(
            ticks,
            (before + 1) % 120,
            "frame {} follows frame {t}",
            t + 1
        );
        assert_eq!(
            f32::from(u8::from(push)),
            actions[t].0[0],
            "push of action {t}"
        );
        assert!(
            (turn - actions[t].0[1]).abs() < 0.2,
            "turn of action {t}: {turn}"
        );
    }
    assert_eq!(
        actions[frames - 1].0,
        [0.0, 0.0],
        "the last line leads nowhere"
    );
    shown[0].0
}

#[test]
fn action_t_is_held_between_frame_t_and_frame_t_plus_1() {
    if !gpu_or_skip("action_t_is_held_between_frame_t_and_frame_t_plus_1") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game((18, 10), 2);
    // Two episodes, the second from the very next tick: nothing lost, nothing twice.
    let first = out.path().join("first");
    start(&mut app, &first);
    (0..150).for_each(|_| app.update());
    stop(&mut app);
    let second = out.path().join("second");
    start(&mut app, &second);
    (0..45).for_each(|_| app.update());
    stop(&mut app);
    finish(&mut app);
    let begin = check(&first, 150);
    assert_eq!(check(&second, 45), (begin + 150) % 120);
    let finished = |folder: PathBuf, frames| RecorderEvent::Finished { folder, frames };
    let events = events(&app);
    assert!(events.contains(&finished(first, 150)), "{events:?}");
    assert!(events.contains(&finished(second, 45)), "{events:?}");
}

#[test]
fn a_fast_and_a_slow_display_record_the_same_ticks() {
    if !gpu_or_skip("a_fast_and_a_slow_display_record_the_same_ticks") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game((16, 16), 1);
    // Several pictures a tick, then several ticks' time a picture: the game slows down instead of
    // leaving frames out.
    for (name, millis) in [("fast", 17), ("slow", 230)] {
        let step = Duration::from_millis(millis);
        app.insert_resource(TimeUpdateStrategy::ManualDuration(step));
        let folder = out.path().join(name);
        start(&mut app, &folder);
        (0..100).for_each(|_| app.update());
        stop(&mut app);
        app.update();
        finish(&mut app);
        let events = events(&app);
        let frames = events.iter().find_map(|event| match event {
            RecorderEvent::Finished { folder: at, frames } if *at == folder => Some(*frames),
            _ => None,
        });
        let frames = frames.unwrap_or_else(|| panic!("{name}: {events:?}")) as usize;
        let expected = if millis < 50 { 33..=35 } else { 99..=101 };
        assert!(expected.contains(&frames), "{name}: {frames} frames");
        check(&folder, frames);
    }
}

#[test]
fn a_folder_with_an_episode_is_refused_and_the_game_goes_on() {
    if !gpu_or_skip("a_folder_with_an_episode_is_refused_and_the_game_goes_on") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut app = counting_game((16, 16), 1);
    for _ in 0..2 {
        start(&mut app, out.path());
        (0..5).for_each(|_| app.update());
        stop(&mut app);
        finish(&mut app);
    }
    app.update();
    let events = events(&app);
    let failed = |e: &RecorderEvent| matches!(e, RecorderEvent::Failed { .. });
    assert!(events.iter().any(failed), "{events:?}");
    check(out.path(), 5);
}
