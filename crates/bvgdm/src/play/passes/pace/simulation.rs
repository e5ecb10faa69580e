//! Scenes, displays and devices of many kinds, by the millisecond and without any of them.

use std::time::Duration;

use super::*;

/// Until everything is measured.
const WARM_UP_MS: f64 = 2_000.0;
/// How long each is played.
const PLAYED_MS: f64 = 30_000.0;
/// Frames that the processor is ahead of the display.
const AHEAD: usize = 2;

/// A scene on a device.
#[derive(Debug, Clone, Copy)]
struct Scene {
    /// Milliseconds of a display's period, if the scene waits for it.
    display_ms: Option<f64>,
    cpu_ms: f64,
    gpu_ms: f64,
    clock: Clock,
}

/// How the device says what it has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// That it is done, when it is asked in the next frame.
    Asked,
    /// That it is done, when it is.
    Tells,
    /// As asked, with what a slice took by its own clock.
    Stamps,
}

/// A world that plays in it.
#[derive(Debug, Clone, Copy)]
struct Playing {
    fps: f64,
    passes: usize,
    pass_ms: f64,
}

/// What was seen after the warm-up.
#[derive(Debug)]
struct Seen {
    /// Milliseconds from picture to picture of the scene.
    mean_ms: f64,
    /// Share of the pictures that came later than the budget allows.
    late: f64,
    /// Frames of each world a second.
    fps: Vec<f64>,
    /// Slices a frame of each world.
    slices: Vec<f64>,
}

const BUDGET_MS: f64 = 8.0;

const WAITS: Scene = Scene {
    display_ms: Some(1000.0 / 60.0),
    cpu_ms: 3.0,
    gpu_ms: 2.0,
    clock: Clock::Asked,
};
/// As fast as it can.
const RUNS: Scene = Scene {
    display_ms: None,
    ..WAITS
};

const FAST: Playing = Playing {
    fps: 20.0,
    passes: 150,
    pass_ms: 0.02,
};
const SLOW: Playing = Playing {
    fps: 10.0,
    passes: 100,
    pass_ms: 1.0,
};

/// All ways to show the same scene.
fn scenes() -> Vec<Scene> {
    let displays = [
        None,
        Some(1000.0 / 144.0),
        Some(1000.0 / 60.0),
        Some(1000.0 / 30.0),
    ];
    let scene = |display_ms, clock| Scene {
        display_ms,
        clock,
        ..WAITS
    };
    let clocks = [Clock::Asked, Clock::Tells, Clock::Stamps];
    let all = |display_ms| clocks.map(|clock| scene(display_ms, clock));
    displays.into_iter().flat_map(all).collect()
}

fn play(scene: Scene, worlds: &[Playing]) -> Seen {
    let origin = Instant::now();
    let at = |ms: f64| origin + Duration::from_secs_f64(ms / 1e3);
    let entities: Vec<_> = (0..worlds.len())
        .map(|i| Entity::from_raw_u32(i as u32).unwrap())
        .collect();
    let mut pace = Pace::default();
    // Of each frame of the scene: when the GPU was done, and when it was shown.
    let (mut done, mut shown) = (Vec::<f64>::new(), Vec::<f64>::new());
    let mut landings = VecDeque::<(f64, Landing)>::new();
    let mut due_ms = vec![0.0; worlds.len()];
    let mut left = vec![0; worlds.len()];
    let (mut frames, mut slices) = (vec![0; worlds.len()], vec![0; worlds.len()]);
    let mut now = 0.0;
    while now < WARM_UP_MS + PLAYED_MS {
        while let Some((done_ms, landing)) = landings.pop_front_if(|(done_ms, _)| *done_ms <= now) {
            let told = if scene.clock == Clock::Tells {
                done_ms
            } else {
                now
            };
            landing.done.get_or_init(|| at(told));
        }
        pace.land();
        for (i, world) in worlds.iter().enumerate() {
            if left[i] == 0 && due_ms[i] <= now {
                left[i] = world.passes;
                due_ms[i] = (due_ms[i] + 1e3 / world.fps).max(now);
            }
        }
        let demand = |i: usize| Demand {
            passes: left[i],
            of: worlds[i].passes,
            budget_ms: BUDGET_MS,
        };
        let demands: Vec<_> = entities
            .iter()
            .enumerate()
            .map(|(i, &world)| (world, demand(i)))
            .collect();
        let encoded = pace.share(&demands);
        let mut work_ms = scene.gpu_ms;
        for (i, &passes) in encoded.iter().enumerate() {
            left[i] -= passes;
            work_ms += passes as f64 * worlds[i].pass_ms;
            if now >= WARM_UP_MS && passes > 0 {
                slices[i] += 1;
                frames[i] += usize::from(left[i] == 0);
            }
        }
        let slice_ms = work_ms - scene.gpu_ms;
        let stamps = scene.clock == Clock::Stamps && slice_ms > 0.0;
        let landing = Landing {
            stamped: stamps.then(|| Arc::new(OnceLock::from(Some(slice_ms)))),
            ..Landing::default()
        };
        pace.send(&demands, &encoded, landing.clone(), at(now));

        let end = done.last().copied().unwrap_or(0.0).max(now + scene.cpu_ms) + work_ms;
        landings.push_back((end, landing));
        done.push(end);
        shown.push(match scene.display_ms {
            None => end,
            Some(period) => {
                let free = shown.last().map_or(0.0, |last| last + period);
                (free.max(end) / period - 1e-9).ceil() * period
            }
        });
        let ahead = shown.len().checked_sub(AHEAD).map_or(0.0, |i| shown[i]);
        now = (now + scene.cpu_ms).max(ahead);
    }
    let gaps: Vec<_> = shown
        .windows(2)
        .filter(|pair| pair[0] >= WARM_UP_MS)
        .map(|pair| pair[1] - pair[0])
        .collect();
    let played = PLAYED_MS / 1e3;
    let allowed = allowed_ms(scene) + 1e-6;
    Seen {
        mean_ms: gaps.iter().sum::<f64>() / gaps.len() as f64,
        late: gaps.iter().filter(|gap| **gap > allowed).count() as f64 / gaps.len() as f64,
        fps: frames
            .iter()
            .map(|frames| f64::from(*frames as u32) / played)
            .collect(),
        slices: slices
            .iter()
            .zip(&frames)
            .map(|(slices, frames)| *slices as f64 / *frames as f64)
            .collect(),
    }
}

/// What a picture of the scene takes without worlds.
fn own_ms(scene: Scene) -> f64 {
    scene
        .cpu_ms
        .max(scene.gpu_ms)
        .max(scene.display_ms.unwrap_or(0.0))
}

fn allowed_ms(scene: Scene) -> f64 {
    own_ms(scene) + BUDGET_MS.max(own_ms(scene) / 2.0)
}

/// Whether pictures come as often as they should: nothing that is drawn in a wait costs one.
fn keeps_its_rate(scene: Scene, worlds: &[Playing]) -> Seen {
    let seen = play(scene, worlds);
    let expected_ms = match scene.display_ms {
        Some(_) => 1.02 * own_ms(scene),
        None => allowed_ms(scene),
    };
    let kept = seen.mean_ms <= expected_ms && seen.late <= 0.01;
    assert!(kept, "{scene:?} with {worlds:?}: {seen:?}");
    seen
}

#[test]
fn a_fast_gpu_gets_a_whole_frame_in_one_slice() {
    for scene in scenes() {
        for fps in [5.0, 10.0, 20.0] {
            let world = Playing { fps, ..FAST };
            for worlds in [vec![world], vec![world; 2]] {
                let seen = keeps_its_rate(scene, &worlds);
                let whole = seen.slices.iter().all(|slices| *slices < 1.01);
                let all = seen.fps.iter().all(|found| *found > 0.95 * fps);
                assert!(whole && all, "{scene:?} with {worlds:?}: {seen:?}");
            }
        }
    }
}

#[test]
fn a_slow_gpu_gets_its_frames_in_slices_that_leave_the_scene_its_rate() {
    for scene in scenes() {
        for worlds in [vec![SLOW], vec![SLOW; 2], vec![SLOW; 3], vec![FAST, SLOW]] {
            let seen = keeps_its_rate(scene, &worlds);
            // As much as the slices may take in all, less what is lost between them.
            let slowest = seen.fps.iter().copied().fold(f64::MAX, f64::min);
            let fair = slowest * worlds.len() as f64 > 1.5;
            assert!(fair, "{scene:?} with {worlds:?}: {seen:?}");
        }
    }
}

#[test]
fn a_fast_world_is_not_cut_because_of_a_slow_one() {
    for clock in [Clock::Tells, Clock::Stamps] {
        for scene in [WAITS, RUNS] {
            let seen = keeps_its_rate(Scene { clock, ..scene }, &[FAST, SLOW]);
            assert!(seen.slices[0] < 1.01 && seen.fps[0] > 19.0, "{seen:?}");
        }
    }
}

#[test]
fn passes_may_take_half_as_long_as_a_slow_scene() {
    for clock in [Clock::Asked, Clock::Tells, Clock::Stamps] {
        let scene = Scene {
            gpu_ms: 30.0,
            clock,
            ..RUNS
        };
        let seen = keeps_its_rate(scene, &[SLOW]);
        // Fifteen passes of a hundred.
        assert!((6.0..7.5).contains(&seen.slices[0]), "{seen:?}");
    }
}
