//! What the arena looks like: floors, walls, gates and landmarks, all in one mesh.

use bevy::prelude::*;

use crate::game::brush::{Brush, paint};
use crate::game::layout::{LAMPS, PILLARS, Pillar, Room, Shape, WALL};
use crate::game::walls::{POST, Wall, posts, walls};

const CAP: &str = "fff4e2";

/// Everything that never changes, the sky apart.
pub fn scenery() -> Mesh {
    let mut brush = Brush::new();
    for room in Room::ALL {
        floor(&mut brush, room);
    }
    for wall in walls() {
        block(&mut brush, &wall);
    }
    gates(&mut brush);
    emblems(&mut brush);
    for pillar in PILLARS {
        landmark(&mut brush, &pillar);
    }
    for lamp in LAMPS {
        let white = paint("fbf6ee");
        brush.at(ground(lamp.at)).turned(
            &[
                (0.0, 0.26, white),
                (0.12, 0.22, white),
                (0.12, 0.09, white),
                (1.3, 0.07, white),
            ],
            12,
            1.0,
        );
    }
    brush.finish()
}

/// The colours of a room's walls and floor.
fn colors(room: Room) -> (Vec3, Vec3) {
    let (wall, floor) = match room {
        Room::Court => ("f4c9cf", "f3e3d3"),
        Room::North => ("7fd1c0", "cfeadb"),
        Room::East => ("f58f74", "f9d3bd"),
        Room::South => ("f6c75a", "f7e6b2"),
        Room::West => ("a08be0", "d6cdf1"),
    };
    (paint(wall), paint(floor))
}

fn ground(at: Vec2) -> Transform {
    Transform::from_xyz(at.x, 0.0, at.y)
}

/// A floor, darker along the walls.
fn floor(brush: &mut Brush, room: Room) {
    let (min, max) = room.bounds();
    let color = colors(room).1;
    let inset = 0.9;
    let steps = |min: f32, max: f32| {
        let (from, to) = (min + WALL / 2.0, max - WALL / 2.0);
        [min, from, from + inset, to - inset, to, max]
    };
    let shade = [0.80, 0.80, 1.0, 1.0, 0.80, 0.80];
    let (xs, zs) = (steps(min.x, max.x), steps(min.y, max.y));
    brush.at(Transform::IDENTITY);
    for i in 0..5 {
        for j in 0..5 {
            let corner = |a: usize, b: usize| {
                let dark: f32 = shade[i + a] * shade[j + b];
                let bright = 0.98 * dark.max(0.8);
                (Vec3::new(xs[i + a], 0.0, zs[j + b]), color * bright)
            };
            let corners = [corner(0, 1), corner(1, 1), corner(1, 0), corner(0, 0)];
            brush.quad(corners.map(|c| c.0), corners.map(|c| c.1), 1.0);
        }
    }
}

/// A wall, each side in the colour of the room that it faces.
fn block(brush: &mut Brush, wall: &Wall) {
    let middle = (wall.min + wall.max) / 2.0;
    let half = (wall.max - wall.min) / 2.0;
    brush.at(ground(middle)).block(half, wall.height, |normal| {
        if normal.y > 0.5 {
            return paint(CAP);
        }
        let flat = Vec2::new(normal.x, normal.z);
        let outside = middle + flat * (half + 0.1);
        Room::at(outside).map_or(paint("cfc4d8"), |room| colors(room).0)
    });
}

/// Posts beside every opening, a colour a gate.
fn gates(brush: &mut Brush) {
    const POSTS: [&str; 8] = [
        "ffffff", "3f6fb5", "d94f70", "2fa4a0", "8e4fa8", "5b8f3a", "2b4f7f", "e07b2f",
    ];
    for (gate, at) in posts() {
        let color = POSTS.get(gate).map_or(Vec3::ONE, |hex| paint(hex));
        brush
            .at(ground(at))
            .block(Vec2::splat(POST), 2.65, |_| color);
    }
}

/// One big simple sign on the outer wall of each room.
fn emblems(brush: &mut Brush) {
    let mut sign = |at: Vec3, turn: f32, sides: usize, radius: f32, hex: &str| {
        let place =
            Transform::from_translation(at).with_rotation(Quat::from_rotation_y(turn.to_radians()));
        brush.at(place).polygon(radius, sides, paint(hex), 1.0);
    };
    sign(Vec3::new(-1.8, 1.45, -7.78), 0.0, 28, 0.75, "fff6d8");
    sign(Vec3::new(-6.4, 1.45, -7.78), 0.0, 4, 0.85, "2c7f86");
    sign(Vec3::new(9.78, 1.45, -4.2), -90.0, 4, 0.85, "fff0e0");
    sign(Vec3::new(9.78, 1.45, -0.2), -90.0, 28, 0.75, "b23a5a");
    sign(Vec3::new(4.0, 1.35, 7.78), 180.0, 3, 0.95, "c8552f");
    sign(Vec3::new(0.2, 1.45, 7.78), 180.0, 28, 0.75, "fffbe8");
    sign(Vec3::new(-9.78, 1.45, 4.0), 90.0, 28, 0.75, "f3e9ff");
    sign(Vec3::new(-9.78, 1.45, 0.4), 90.0, 6, 0.8, "4a3a9a");
}

fn landmark(brush: &mut Brush, pillar: &Pillar) {
    let Pillar {
        radius: r,
        height: h,
        ..
    } = *pillar;
    let here = ground(pillar.at);
    brush.at(here);
    match pillar.shape {
        Shape::Obelisk => {
            let (white, gold, foot) = (paint("fbfaf5"), paint("f2b63c"), paint("6f9fd8"));
            brush
                .turned(
                    &[(0.0, r, foot), (0.45, r, foot), (0.45, 0.0, foot)],
                    24,
                    1.0,
                )
                .turned(&[(0.4, 0.42, white), (h - 0.7, 0.26, white)], 4, 1.0)
                .turned(&[(h - 0.7, 0.42, gold), (h, 0.0, gold)], 4, 1.0);
        }
        Shape::Column => {
            let (body, head) = match Room::at(pillar.at) {
                Some(Room::North) => (paint("e8604c"), paint("fff3da")),
                _ => (paint("6cc6b0"), paint("f7f2ff")),
            };
            let top = h - r * 1.2;
            brush
                .turned(
                    &[
                        (0.0, r, body * 0.8),
                        (0.4, r * 0.86, body),
                        (top, r * 0.8, body),
                    ],
                    20,
                    1.0,
                )
                .at(here.with_translation(here.translation + Vec3::Y * top))
                .ball(r * 1.15, head);
        }
        Shape::Tree => {
            let (trunk, leaves, tip) = (paint("8a5a44"), paint("3f8f6a"), paint("8fcf7a"));
            brush
                .turned(&[(0.0, 0.16, trunk), (0.6, 0.13, trunk)], 10, 1.0)
                .turned(
                    &[
                        (0.5, 0.1, leaves),
                        (0.5, r * 1.5, leaves),
                        (h * 0.7, 0.25, tip),
                    ],
                    16,
                    1.0,
                )
                .turned(&[(h * 0.55, r * 1.1, leaves), (h, 0.0, tip)], 16, 1.0);
        }
        Shape::Pyramid => {
            for (i, hex) in ["e9763a", "f2913f", "f9b04e"].into_iter().enumerate() {
                let step = i as f32;
                let place = here.translation + Vec3::Y * step * h / 3.0;
                let color = paint(hex);
                let half = Vec2::splat(r * 0.95 * (1.0 - 0.3 * step));
                brush
                    .at(here.with_translation(place))
                    .block(half, h / 3.0, |_| color);
            }
        }
        Shape::Ball => {
            let (foot, ball) = (paint("fdf3e7"), paint("c23b78"));
            brush
                .turned(
                    &[
                        (0.0, r * 0.7, foot),
                        (0.5, r * 0.55, foot),
                        (0.5, 0.0, foot),
                    ],
                    20,
                    1.0,
                )
                .at(here.with_translation(here.translation + Vec3::Y * (h - r)))
                .ball(r, ball);
        }
        Shape::Cube => {
            let (foot, cube) = (paint("fdf6e3"), paint("3d7fd0"));
            let tilt = Quat::from_euler(EulerRot::YXZ, 0.5, 0.6, 0.6);
            let up = here.translation + Vec3::Y * 0.75;
            brush
                .turned(
                    &[(0.0, r * 0.7, foot), (0.4, r * 0.6, foot), (0.4, 0.0, foot)],
                    20,
                    1.0,
                )
                .at(Transform::from_translation(up).with_rotation(tilt))
                .block(Vec2::splat(0.55), 1.1, |_| cube);
        }
        Shape::Lighthouse => {
            let (red, white, roof) = (paint("e2475b"), paint("fff7f0"), paint("3c3f8f"));
            let mut bands = Vec::new();
            for i in 0..4 {
                let color = if i % 2 == 0 { white } else { red };
                let at = |i: usize| (h - 1.2) * i as f32 / 4.0;
                let wide = |i: usize| r * (0.95 - 0.1 * i as f32);
                bands.extend([(at(i), wide(i), color), (at(i + 1), wide(i + 1), color)]);
            }
            brush
                .turned(&bands, 20, 1.0)
                .turned(
                    &[
                        (h - 1.2, 0.7, paint("ffe27a")),
                        (h - 0.6, 0.7, paint("ffe27a")),
                    ],
                    16,
                    1.0,
                )
                .turned(&[(h - 0.6, 0.95, roof), (h + 0.4, 0.0, roof)], 16, 1.0);
        }
    }
}
