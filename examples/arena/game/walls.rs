//! Walls with their openings, and the posts beside these.

use bevy::math::{Vec2, vec2};

use crate::game::layout::{GATES, Gate, OPENING, WALL};

/// A piece of wall: a box on the ground.
#[derive(Debug, Clone, Copy)]
pub struct Wall {
    /// The corner with the smallest coordinates.
    pub min: Vec2,
    /// The corner with the largest.
    pub max: Vec2,
    /// How high it is.
    pub height: f32,
}

/// The walls, cut where the openings are.
pub fn walls() -> Vec<Wall> {
    const OUTER: f32 = 2.7;
    const INNER: f32 = 2.2;
    let x = |z, from, to, height| line(vec2(from, z), vec2(to, z), height);
    let z = |x, from, to, height| line(vec2(x, from), vec2(x, to), height);
    let lines = [
        x(-8.0, -10.0, 4.0, OUTER),
        x(-8.0, 4.0, 10.0, OUTER),
        z(10.0, -8.0, 3.0, OUTER),
        z(10.0, 3.0, 8.0, OUTER),
        x(8.0, -4.0, 10.0, OUTER),
        x(8.0, -10.0, -4.0, OUTER),
        z(-10.0, -3.0, 8.0, OUTER),
        z(-10.0, -8.0, -3.0, OUTER),
        x(-3.0, -4.0, 4.0, INNER),
        x(-3.0, -10.0, -4.0, INNER),
        z(4.0, -3.0, 3.0, INNER),
        z(4.0, -8.0, -3.0, INNER),
        x(3.0, -4.0, 4.0, INNER),
        x(3.0, 4.0, 10.0, INNER),
        z(-4.0, -3.0, 3.0, INNER),
        z(-4.0, 3.0, 8.0, INNER),
    ];
    lines.into_iter().flat_map(cut).collect()
}

/// Half the side of a gate's post.
pub const POST: f32 = 0.3;

/// The posts beside every opening, with the opening's index in [`GATES`].
pub fn posts() -> impl Iterator<Item = (usize, Vec2)> {
    GATES.iter().enumerate().flat_map(|(i, gate)| {
        let along = if gate.along_x { Vec2::X } else { Vec2::Y };
        [-1.0, 1.0].map(|side| (i, gate.at + along * side * (OPENING / 2.0 + 0.2)))
    })
}

/// A wall along a line.
fn line(from: Vec2, to: Vec2, height: f32) -> Wall {
    Wall {
        min: from - WALL / 2.0,
        max: to + WALL / 2.0,
        height,
    }
}

/// The one or two pieces that the openings leave of a wall.
fn cut(wall: Wall) -> Vec<Wall> {
    let inside = |g: &&Gate| g.at.cmpge(wall.min).all() && g.at.cmple(wall.max).all();
    let Some(gate) = GATES.iter().find(inside) else {
        return vec![wall];
    };
    let half = OPENING / 2.0;
    let (mut before, mut after) = (wall, wall);
    if gate.along_x {
        before.max.x = gate.at.x - half;
        after.min.x = gate.at.x + half;
    } else {
        before.max.y = gate.at.y - half;
        after.min.y = gate.at.y + half;
    }
    vec![before, after]
}
