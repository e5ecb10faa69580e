//! The game's rules: one tick from one state to the next, without anything of Bevy's.

mod acts;

use bevy::math::{Vec2, vec2};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::game::collide::Obstacles;
use crate::game::layout::{DOORS, GATES, LAMPS, Room};
use crate::game::walls::walls;
use crate::input::Input;
use acts::{interact, jump, look, move_doors, swing};

/// Ticks a second.
pub const TICK_RATE: f64 = 20.0;
/// How far the player walks in a tick, in metres.
pub const SPEED: f32 = 0.17;
/// The share of the way to the wanted velocity that a tick covers.
const GRIP: f32 = 0.65;
/// The largest tilt of the camera, in degrees.
pub const PITCH_LIMIT: f32 = 30.0;
/// Ticks that a swing of the wand takes.
pub const SWING_TICKS: u8 = 6;
/// Ticks that the hand takes to rise or to sink.
pub const REACH_TICKS: u8 = 3;
/// Ticks that a door takes to open or close.
pub const DOOR_TICKS: u8 = 6;
/// How far the player reaches, in metres, and how far off the middle of the view, as a cosine.
const REACH: f32 = 2.2;
const REACH_COSINE: f32 = 0.8;

/// The player.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Player {
    /// Where they stand, in metres.
    pub at: Vec2,
    /// Metres a tick.
    pub velocity: Vec2,
    /// Where they look: degrees clockwise from north.
    pub yaw: f32,
    /// Degrees above the horizon.
    pub pitch: f32,
    /// Metres above the ground.
    pub height: f32,
    /// Metres a tick, upwards.
    pub rise: f32,
    /// Ticks until the swing of the wand ends; 0 at rest.
    pub swing: u8,
    /// How far the hand is up: 0 to [`REACH_TICKS`].
    pub reach: u8,
}

/// A door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorState {
    /// What it is or is becoming.
    pub open: bool,
    /// How far it is open: 0 to [`DOOR_TICKS`].
    pub travel: u8,
}

/// Everything that changes while playing.
#[derive(Debug, Clone, PartialEq)]
pub struct ArenaState {
    /// The player.
    pub player: Player,
    /// Which lamps shine.
    pub lamps: [bool; LAMPS.len()],
    /// The doors.
    pub doors: [DoorState; DOORS.len()],
}

/// What stands in front of the player and can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usable {
    /// A lamp, by its index.
    Lamp(usize),
    /// A door, by its index.
    Door(usize),
}

/// The rules, with what they need to know of the place.
#[derive(Debug, Clone)]
pub struct Rules {
    obstacles: Obstacles,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            obstacles: Obstacles::new(&walls()),
        }
    }
}

impl Player {
    /// Where they look, on the ground, as a unit vector.
    pub fn facing(&self) -> Vec2 {
        let (sin, cos) = self.yaw.to_radians().sin_cos();
        vec2(sin, -cos)
    }
}

impl DoorState {
    /// A door at rest.
    pub fn at_rest(open: bool) -> Self {
        let travel = if open { DOOR_TICKS } else { 0 };
        Self { open, travel }
    }

    /// Whether it stands in the way.
    pub fn blocks(&self) -> bool {
        self.travel < DOOR_TICKS / 2
    }
}

impl ArenaState {
    /// The beginning of the game that belongs to `seed`.
    pub fn new(seed: u64, rules: &Rules) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let doors = [0; DOORS.len()].map(|_| DoorState::at_rest(rng.random_bool(0.5)));
        let lamps = [0; LAMPS.len()].map(|_| rng.random_bool(0.5));
        let room = Room::ALL[rng.random_range(0..Room::ALL.len())];
        let (min, max) = room.bounds();
        let free = |at: Vec2| !rules.obstacles.blocked(at, &[true; DOORS.len()]);
        let at = loop {
            let at = vec2(
                rng.random_range(min.x..max.x),
                rng.random_range(min.y..max.y),
            );
            if free(at) {
                break at;
            }
        };
        let player = Player {
            at,
            velocity: Vec2::ZERO,
            yaw: rng.random_range(0.0..360.0),
            pitch: 0.0,
            height: 0.0,
            rise: 0.0,
            swing: 0,
            reach: 0,
        };
        Self {
            player,
            lamps,
            doors,
        }
    }

    /// Which doors block, in the order of [`DOORS`].
    pub fn closed(&self) -> [bool; DOORS.len()] {
        self.doors.map(|door| door.blocks())
    }

    /// What the player would use: the nearest thing within reach and in view.
    pub fn usable(&self) -> Option<Usable> {
        let lamps = LAMPS.iter().enumerate();
        let lamps = lamps.map(|(i, lamp)| (Usable::Lamp(i), lamp.at));
        let doors = DOORS.iter().enumerate();
        let doors = doors.map(|(i, door)| (Usable::Door(i), door.at));
        let facing = self.player.facing();
        lamps
            .chain(doors)
            .map(|(thing, at)| (thing, at - self.player.at))
            .filter(|(_, to)| to.length() < REACH)
            .filter(|(_, to)| to.normalize_or_zero().dot(facing) > REACH_COSINE)
            .min_by(|a, b| a.1.length_squared().total_cmp(&b.1.length_squared()))
            .map(|(thing, _)| thing)
    }
}

impl Rules {
    /// One tick.
    pub fn step(&self, state: &mut ArenaState, input: &Input) {
        look(&mut state.player, input);
        self.walk(state, input);
        jump(&mut state.player, input);
        swing(&mut state.player, input);
        interact(state, input);
        move_doors(state);
    }

    /// What is solid.
    pub fn obstacles(&self) -> &Obstacles {
        &self.obstacles
    }

    fn walk(&self, state: &mut ArenaState, input: &Input) {
        let closed = state.closed();
        let player = &mut state.player;
        let axis = |plus: bool, minus: bool| f32::from(i8::from(plus) - i8::from(minus));
        let ahead = player.facing();
        let side = vec2(-ahead.y, ahead.x);
        let wish = ahead * axis(input.forward, input.back) + side * axis(input.right, input.left);
        let wanted = wish.normalize_or_zero() * SPEED;
        let velocity = player.velocity.lerp(wanted, GRIP);
        // Below a millimetre a tick nothing is seen any more: come to rest.
        let velocity = if velocity.length() < 1e-3 {
            Vec2::ZERO
        } else {
            velocity
        };
        let at = self.obstacles.resolve(player.at + velocity, &closed);
        // What a wall took away is gone: no sliding on after it ends.
        player.velocity = at - player.at;
        player.at = at;
    }
}

/// The openings that a player can walk through now.
pub fn passable(state: &ArenaState) -> impl Iterator<Item = usize> + '_ {
    let closed = state.closed();
    let open =
        move |door: Option<usize>| !door.is_some_and(|i| closed.get(i).copied().unwrap_or(false));
    (0..GATES.len()).filter(move |&i| GATES.get(i).is_some_and(|gate| open(gate.door)))
}
