//! How a person moves a mouse and holds keys.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::input::{Input, MAX_PITCH, MAX_YAW};

/// The nearest angle to zero that points the same way, in degrees.
pub(super) fn wrap(degrees: f32) -> f32 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

/// Turning of the camera, smooth as a mouse's.
#[derive(Debug, Clone, Default)]
pub(super) struct Gaze {
    yaw: f32,
    pitch: f32,
    /// Degrees a tick that the hand is up to, and for how many more ticks.
    wish: f32,
    hold: u32,
    /// The tilt that the eyes seek, and for how many more ticks.
    level: f32,
    level_hold: u32,
    /// How quickly this turn is made.
    haste: f32,
}

impl Gaze {
    /// No more turning.
    pub(super) fn stop(&mut self) {
        self.yaw = 0.0;
        self.pitch = 0.0;
        self.hold = 0;
    }

    /// What is turned in this tick: yaw and pitch in degrees. Small motions end in none, as a
    /// mouse's counts do.
    pub(super) fn turn(&self) -> (f32, f32) {
        let count = |degrees: f32| (degrees / 0.12).round() * 0.12;
        (
            count(self.yaw).clamp(-MAX_YAW, MAX_YAW),
            count(self.pitch).clamp(-MAX_PITCH, MAX_PITCH),
        )
    }

    /// Turns towards `course`; returns how far off it is.
    pub(super) fn follow(&mut self, rng: &mut ChaCha8Rng, yaw: f32, course: f32) -> f32 {
        let error = wrap(course - yaw);
        if self.hold == 0 {
            self.hold = rng.random_range(15..50);
            self.haste = if rng.random_bool(0.3) {
                8.0
            } else {
                rng.random_range(3.0..5.5)
            };
        }
        self.hold -= 1;
        let wish = (error * 0.22).clamp(-self.haste, self.haste);
        // Who is nearly there leaves the mouse alone.
        let wish = if error.abs() < 2.0 { 0.0 } else { wish };
        self.yaw += (wish - self.yaw) * 0.5;
        error
    }

    /// Turns without an aim.
    pub(super) fn wander(&mut self, rng: &mut ChaCha8Rng, eagerness: f32) {
        if self.hold == 0 {
            self.hold = rng.random_range(6..32);
            let fast = rng.random_bool(0.15);
            let most = if fast { MAX_YAW } else { 4.0 };
            self.wish = match rng.random_range(0..10) {
                0..4 => 0.0,
                _ => rng.random_range(-most..most) * eagerness,
            };
        }
        self.hold -= 1;
        self.yaw += (self.wish - self.yaw) * 0.4;
    }

    /// Looks up and down now and then, and back.
    pub(super) fn tilt(&mut self, rng: &mut ChaCha8Rng, pitch: f32) {
        if self.level_hold == 0 {
            self.level_hold = rng.random_range(20..90);
            self.level = match rng.random_range(0..10) {
                0..5 => rng.random_range(-4.0..6.0),
                _ => rng.random_range(-24.0..26.0),
            };
        }
        self.level_hold -= 1;
        let error = self.level - pitch;
        let wish = if error.abs() < 1.5 {
            0.0
        } else {
            (error * 0.2).clamp(-3.5, 3.5)
        };
        self.pitch += (wish - self.pitch) * 0.45;
    }
}

/// A key that is pressed for a while and let go for a while.
#[derive(Debug, Clone, Default)]
struct Key {
    held: u32,
    free: u32,
}

impl Key {
    fn next(&mut self, rng: &mut ChaCha8Rng, hold: (u32, u32), pause: (u32, u32)) -> bool {
        if self.held > 0 {
            self.held -= 1;
            return true;
        }
        if self.free > 0 {
            self.free -= 1;
            return false;
        }
        self.held = rng.random_range(hold.0..hold.1);
        self.free = rng.random_range(pause.0..pause.1);
        false
    }
}

/// The keys besides those that lead somewhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Taps {
    jump: Key,
    attack: Key,
    hand: Key,
    ahead: Key,
    aside: Key,
    back: bool,
    left: bool,
    using: u32,
    pause: u32,
}

impl Taps {
    /// Jumps, swings and reaches into the air now and then.
    pub(super) fn tap(&mut self, rng: &mut ChaCha8Rng, input: &mut Input) {
        input.jump |= self.jump.next(rng, (2, 7), (15, 130));
        input.attack |= self.attack.next(rng, (2, 12), (15, 110));
        input.interact |= self.hand.next(rng, (2, 6), (60, 240));
    }

    /// Holds walking keys without an aim.
    pub(super) fn hold_keys(&mut self, rng: &mut ChaCha8Rng, input: &mut Input) {
        let ahead = self.ahead.next(rng, (8, 45), (2, 20));
        let aside = self.aside.next(rng, (4, 20), (12, 60));
        if !ahead {
            self.back = rng.random_bool(0.35);
        }
        if !aside {
            self.left = rng.random_bool(0.5);
        }
        input.forward |= ahead && !self.back;
        input.back |= ahead && self.back;
        input.left |= aside && self.left;
        input.right |= aside && !self.left;
    }

    /// Presses `use` as a person does and lets go; true in the tick that begins a press.
    pub(super) fn press_use(&mut self, rng: &mut ChaCha8Rng, input: &mut Input) -> bool {
        if self.using > 0 {
            self.using -= 1;
            input.interact = true;
            return false;
        }
        if self.pause > 0 {
            self.pause -= 1;
            return false;
        }
        self.using = rng.random_range(2..5);
        self.pause = rng.random_range(8..24);
        input.interact = true;
        true
    }
}
