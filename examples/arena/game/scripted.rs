//! A player that needs nobody at the keys: walks through all rooms, looks around as a hand on a
//! mouse does, holds keys for as long as people do, and uses everything. All from a seed.

mod habits;
mod route;

use bevy::math::Vec2;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::game::layout::{DOORS, LAMPS, Room};
use crate::game::sim::{ArenaState, Usable};
use crate::input::Input;
use habits::{Gaze, Taps};

/// What the player is up to.
#[derive(Debug, Clone)]
enum Plan {
    /// Go somewhere; `offset` is where they look, in degrees off the way they go.
    Travel { to: Vec2, offset: f32 },
    /// Go up to a thing and switch it `times` times.
    Use { thing: Usable, times: u8 },
    /// Hold keys without an aim.
    Roam,
    /// Stand and look.
    Look,
    /// Do nothing at all.
    Rest,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct ScriptedPlayer {
    rng: ChaCha8Rng,
    plan: Plan,
    /// Ticks that the plan may still take.
    left: u32,
    gaze: Gaze,
    taps: Taps,
    /// Where they were, to notice being stuck.
    seen_at: Vec2,
    still: u32,
}

impl ScriptedPlayer {
    /// The player that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            // Another stream than the one that the game starts from.
            rng: ChaCha8Rng::seed_from_u64(seed ^ 0x05ee_d0fa_11fe),
            plan: Plan::Rest,
            left: 0,
            gaze: Gaze::default(),
            taps: Taps::default(),
            seen_at: Vec2::ZERO,
            still: 0,
        }
    }

    /// What is held in the next tick.
    pub fn play(&mut self, state: &ArenaState) -> Input {
        if self.left == 0 {
            self.decide(state);
        }
        self.left = self.left.saturating_sub(1);
        let mut input = Input::default();
        match self.plan.clone() {
            Plan::Travel { to, offset } => self.travel(state, to, offset, &mut input),
            Plan::Use { thing, times } => self.use_thing(state, thing, times, &mut input),
            Plan::Roam => {
                self.taps.hold_keys(&mut self.rng, &mut input);
                self.gaze.wander(&mut self.rng, 1.0);
            }
            Plan::Look => self.gaze.wander(&mut self.rng, 1.4),
            Plan::Rest => {
                self.gaze.stop();
                return input;
            }
        }
        self.taps.tap(&mut self.rng, &mut input);
        self.gaze.tilt(&mut self.rng, state.player.pitch);
        (input.yaw, input.pitch) = self.gaze.turn();
        input
    }

    fn decide(&mut self, state: &ArenaState) {
        let rng = &mut self.rng;
        self.still = 0;
        let (plan, left) = match rng.random_range(0..100) {
            0..56 => {
                let room = Room::ALL[rng.random_range(0..Room::ALL.len())];
                let (min, max) = room.bounds();
                let share = Vec2::new(rng.random_range(0.1..0.9), rng.random_range(0.1..0.9));
                // Mostly as one walks, now and then sideways or backwards.
                let offset = match rng.random_range(0..10) {
                    0 => 180.0,
                    1 => 90.0,
                    2 => -90.0,
                    3 => 45.0,
                    4 => -45.0,
                    _ => 0.0,
                };
                let to = min + (max - min) * share;
                (Plan::Travel { to, offset }, rng.random_range(60..260))
            }
            56..74 => {
                let lamp = rng.random_range(0..LAMPS.len() + DOORS.len());
                let near = nearest(state);
                let thing = match lamp.checked_sub(LAMPS.len()) {
                    _ if rng.random_bool(0.6) => near,
                    Some(door) => Usable::Door(door),
                    None => Usable::Lamp(lamp),
                };
                (
                    Plan::Use {
                        thing,
                        times: rng.random_range(1..5),
                    },
                    220,
                )
            }
            74..89 => (Plan::Roam, rng.random_range(30..120)),
            89..96 => (Plan::Look, rng.random_range(15..70)),
            _ => (Plan::Rest, rng.random_range(6..30)),
        };
        self.plan = plan;
        self.left = left;
    }

    fn travel(&mut self, state: &ArenaState, to: Vec2, offset: f32, input: &mut Input) {
        let player = &state.player;
        if player.at.distance(to) < 0.6 || self.stuck(state) {
            self.left = 0;
            return;
        }
        let step = route::next(player.at, to);
        if let Some(door) = route::closed_door_before(state, step) {
            self.open(state, door, input);
            return;
        }
        let way = step - player.at;
        let course = way.x.atan2(-way.y).to_degrees();
        let error = self.gaze.follow(&mut self.rng, player.yaw, course - offset);
        // The keys that lead there, whatever the eyes do.
        let off = habits::wrap(course - player.yaw);
        let aside = if offset == 0.0 { 50.0 } else { 22.5 };
        if error.abs() < 75.0 {
            input.forward = off.abs() < 67.5;
            input.back = off.abs() > 112.5;
            input.right = (aside..180.0 - aside).contains(&off);
            input.left = (aside..180.0 - aside).contains(&-off);
        }
    }

    fn use_thing(&mut self, state: &ArenaState, thing: Usable, times: u8, input: &mut Input) {
        let at = match thing {
            Usable::Lamp(i) => LAMPS.get(i).map(|lamp| lamp.at),
            Usable::Door(i) => DOORS.get(i).map(|door| door.at),
        };
        let (Some(at), true) = (at, times > 0) else {
            self.left = 0;
            return;
        };
        if state.player.at.distance(at) > 1.9 {
            if let Usable::Door(_) = thing {
                // Up to the nearer side of it, never through.
                let side = if state.player.at.x > at.x { 1.3 } else { -1.3 };
                self.travel_or_turn(state, at, at + Vec2::new(side, 0.0), input);
            } else {
                self.travel(state, at, 0.0, input);
            }
            return;
        }
        let to = at - state.player.at;
        let course = to.x.atan2(-to.y).to_degrees();
        let error = self.gaze.follow(&mut self.rng, state.player.yaw, course);
        if error.abs() < 25.0 && self.taps.press_use(&mut self.rng, input) {
            self.plan = Plan::Use {
                thing,
                times: times - 1,
            };
        }
    }

    fn travel_or_turn(&mut self, state: &ArenaState, thing: Vec2, to: Vec2, input: &mut Input) {
        if state.player.at.distance(to) < 0.7 {
            let way = thing - state.player.at;
            let course = way.x.atan2(-way.y).to_degrees();
            self.gaze.follow(&mut self.rng, state.player.yaw, course);
            input.forward = true;
        } else {
            self.travel(state, to, 0.0, input);
        }
    }

    /// Goes up to a closed door and opens it.
    fn open(&mut self, state: &ArenaState, door: usize, input: &mut Input) {
        let Some(at) = DOORS.get(door).map(|d| d.at) else {
            return;
        };
        let way = at - state.player.at;
        let course = way.x.atan2(-way.y).to_degrees();
        let error = self.gaze.follow(&mut self.rng, state.player.yaw, course);
        let near = way.length() < 1.7;
        input.forward = !near && error.abs() < 45.0;
        let opening = state.doors.get(door).is_some_and(|d| d.open);
        if near && !opening && error.abs() < 25.0 {
            self.taps.press_use(&mut self.rng, input);
        }
    }

    fn stuck(&mut self, state: &ArenaState) -> bool {
        if state.player.at.distance(self.seen_at) > 0.25 {
            self.seen_at = state.player.at;
            self.still = 0;
        }
        self.still += 1;
        self.still > 25
    }
}

/// The lamp or door that is nearest to the player.
fn nearest(state: &ArenaState) -> Usable {
    let lamps = LAMPS.iter().enumerate();
    let doors = DOORS.iter().enumerate();
    lamps
        .map(|(i, l)| (Usable::Lamp(i), l.at))
        .chain(doors.map(|(i, d)| (Usable::Door(i), d.at)))
        .map(|(thing, at)| (thing, at.distance_squared(state.player.at)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(Usable::Lamp(0), |(thing, _)| thing)
}
