//! Where everything stands. Metres; x to the east, y (of a [`Vec2`]) to the south, as Bevy's z.
//!
//! Four rooms lie around a court like the sails of a windmill, so that no two look alike:
//! north (mint), east (coral), south (gold), west (violet).

use bevy::math::{Vec2, vec2};

/// How thick a wall is.
pub const WALL: f32 = 0.4;
/// How wide an opening between two rooms is.
pub const OPENING: f32 = 2.0;

/// One of the five parts of the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Room {
    /// The middle, with the obelisk.
    Court,
    /// Mint, with the stepped pyramid.
    North,
    /// Coral, with the big ball.
    East,
    /// Gold, with the blue cube.
    South,
    /// Violet, with the lighthouse.
    West,
}

impl Room {
    /// All five.
    pub const ALL: [Self; 5] = [
        Self::Court,
        Self::North,
        Self::East,
        Self::South,
        Self::West,
    ];

    /// The corners with the smallest and the largest coordinates, between the walls' middles.
    pub fn bounds(self) -> (Vec2, Vec2) {
        match self {
            Self::Court => (vec2(-4.0, -3.0), vec2(4.0, 3.0)),
            Self::North => (vec2(-10.0, -8.0), vec2(4.0, -3.0)),
            Self::East => (vec2(4.0, -8.0), vec2(10.0, 3.0)),
            Self::South => (vec2(-4.0, 3.0), vec2(10.0, 8.0)),
            Self::West => (vec2(-10.0, -3.0), vec2(-4.0, 8.0)),
        }
    }

    /// The room that `point` lies in, if any.
    pub fn at(point: Vec2) -> Option<Self> {
        Self::ALL.into_iter().find(|room| {
            let (min, max) = room.bounds();
            point.cmpge(min).all() && point.cmple(max).all()
        })
    }
}

/// What a round obstacle looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// White with a golden tip; the middle of the court.
    Obelisk,
    /// A column with a ball on top.
    Column,
    /// A tree of two cones.
    Tree,
    /// Three steps of a pyramid.
    Pyramid,
    /// A big ball on a foot.
    Ball,
    /// A tilted cube on a foot.
    Cube,
    /// A striped tower, the highest thing inside the walls.
    Lighthouse,
}

/// A round obstacle.
#[derive(Debug, Clone, Copy)]
pub struct Pillar {
    /// Its middle.
    pub at: Vec2,
    /// How far it keeps a player away.
    pub radius: f32,
    /// How high it is.
    pub height: f32,
    /// Its looks.
    pub shape: Shape,
}

/// A lamp that can be switched.
#[derive(Debug, Clone, Copy)]
pub struct Lamp {
    /// Its pole.
    pub at: Vec2,
}

/// A door that slides into the ground.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// The middle of its opening.
    pub at: Vec2,
    /// Half its size.
    pub half: Vec2,
}

/// An opening between two rooms, with a door or without.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Its middle.
    pub at: Vec2,
    /// Whether it lies in a wall that runs from west to east.
    pub along_x: bool,
    /// The door in it, if there is one, as an index of [`DOORS`].
    pub door: Option<usize>,
}

/// The eight openings.
pub const GATES: [Gate; 8] = [
    gate(-1.8, -3.0, true, None),
    gate(1.8, 3.0, true, None),
    gate(4.0, 0.8, false, Some(0)),
    gate(-4.0, -0.8, false, Some(1)),
    gate(-7.0, -3.0, true, None),
    gate(7.0, 3.0, true, None),
    gate(4.0, -5.5, false, None),
    gate(-4.0, 5.5, false, None),
];

/// The two doors: east and west of the court.
pub const DOORS: [Door; 2] = [
    Door {
        at: vec2(4.0, 0.8),
        half: vec2(0.12, OPENING / 2.0),
    },
    Door {
        at: vec2(-4.0, -0.8),
        half: vec2(0.12, OPENING / 2.0),
    },
];

/// The four lamps, one a room.
pub const LAMPS: [Lamp; 4] = [
    Lamp {
        at: vec2(2.6, -6.9),
    },
    Lamp {
        at: vec2(8.9, -1.9),
    },
    Lamp {
        at: vec2(-2.6, 6.9),
    },
    Lamp {
        at: vec2(-8.9, 1.9),
    },
];

/// The round obstacles.
pub const PILLARS: [Pillar; 14] = [
    pillar(0.0, 0.0, 0.8, 4.6, Shape::Obelisk),
    pillar(-4.3, -5.5, 0.45, 2.9, Shape::Column),
    pillar(0.7, -5.3, 0.45, 2.9, Shape::Column),
    pillar(-8.5, -6.6, 1.0, 2.2, Shape::Pyramid),
    pillar(8.3, -6.4, 0.9, 2.4, Shape::Ball),
    pillar(5.5, -1.6, 0.5, 3.0, Shape::Tree),
    pillar(8.6, 1.6, 0.5, 2.4, Shape::Tree),
    pillar(0.4, 5.9, 0.4, 1.5, Shape::Column),
    pillar(2.8, 5.9, 0.4, 2.3, Shape::Column),
    pillar(5.2, 5.9, 0.4, 3.1, Shape::Column),
    pillar(8.6, 6.5, 0.8, 2.0, Shape::Cube),
    pillar(-8.4, 6.3, 1.0, 6.0, Shape::Lighthouse),
    pillar(-5.4, 2.6, 0.5, 2.6, Shape::Tree),
    pillar(-8.6, -1.0, 0.5, 3.2, Shape::Tree),
];

const fn pillar(x: f32, z: f32, radius: f32, height: f32, shape: Shape) -> Pillar {
    Pillar {
        at: vec2(x, z),
        radius,
        height,
        shape,
    }
}

const fn gate(x: f32, z: f32, along_x: bool, door: Option<usize>) -> Gate {
    Gate {
        at: vec2(x, z),
        along_x,
        door,
    }
}

/// How far a lamp's pole keeps a player away.
pub const LAMP_RADIUS: f32 = 0.3;
