//! A round player among boxes and round obstacles.

use bevy::math::Vec2;

use crate::game::layout::{DOORS, LAMP_RADIUS, LAMPS, PILLARS};
use crate::game::walls::{POST, Wall, posts};

/// How far a player keeps from what is solid, in metres.
pub const PLAYER_RADIUS: f32 = 0.4;

/// Everything solid that never moves.
#[derive(Debug, Clone)]
pub struct Obstacles {
    boxes: Vec<(Vec2, Vec2)>,
    discs: Vec<(Vec2, f32)>,
}

impl Obstacles {
    /// The arena's walls, pillars and lamps.
    pub fn new(walls: &[Wall]) -> Self {
        let posts = posts().map(|(_, at)| (at - POST, at + POST));
        let pillars = PILLARS.iter().map(|p| (p.at, p.radius));
        Self {
            boxes: walls.iter().map(|w| (w.min, w.max)).chain(posts).collect(),
            discs: pillars
                .chain(LAMPS.iter().map(|l| (l.at, LAMP_RADIUS)))
                .collect(),
        }
    }

    /// The nearest place to `at` where a player can stand; `closed` says which doors block.
    pub fn resolve(&self, mut at: Vec2, closed: &[bool]) -> Vec2 {
        let doors = DOORS.iter().zip(closed).filter(|(_, closed)| **closed);
        let doors: Vec<_> = doors.map(|(d, _)| (d.at - d.half, d.at + d.half)).collect();
        // What pushes out of one thing pushes into another: a few rounds settle it, also in the
        // wedge between a tree and a wall.
        for _ in 0..24 {
            let before = at;
            for (min, max) in self.boxes.iter().chain(&doors) {
                at += out_of_box(at, *min, *max);
            }
            for (middle, radius) in &self.discs {
                at += out_of_disc(at, *middle, *radius);
            }
            if at.distance_squared(before) < 1e-10 {
                break;
            }
        }
        at
    }

    /// Whether a player at `at` would touch something.
    pub fn blocked(&self, at: Vec2, closed: &[bool]) -> bool {
        self.resolve(at, closed).distance_squared(at) > 1e-8
    }
}

fn out_of_box(at: Vec2, min: Vec2, max: Vec2) -> Vec2 {
    let nearest = at.clamp(min, max);
    let away = at - nearest;
    let distance = away.length();
    if distance >= PLAYER_RADIUS {
        return Vec2::ZERO;
    }
    if distance > 1e-6 {
        return away * (PLAYER_RADIUS / distance - 1.0);
    }
    // The middle is inside the box: out by the shortest way.
    let low = at - min;
    let high = max - at;
    let sideways = low.x.min(high.x) < low.y.min(high.y);
    match (sideways, low.x < high.x, low.y < high.y) {
        (true, true, _) => Vec2::new(-(low.x + PLAYER_RADIUS), 0.0),
        (true, false, _) => Vec2::new(high.x + PLAYER_RADIUS, 0.0),
        (false, _, true) => Vec2::new(0.0, -(low.y + PLAYER_RADIUS)),
        (false, _, false) => Vec2::new(0.0, high.y + PLAYER_RADIUS),
    }
}

fn out_of_disc(at: Vec2, middle: Vec2, radius: f32) -> Vec2 {
    let away = at - middle;
    let reach = radius + PLAYER_RADIUS;
    let distance = away.length();
    if distance >= reach {
        return Vec2::ZERO;
    }
    if distance > 1e-6 {
        away * (reach / distance - 1.0)
    } else {
        Vec2::new(reach, 0.0)
    }
}
