//! The sky: a dome whose horizon tells the compass direction, the sun, and far shapes behind the
//! walls.

use bevy::prelude::*;
use std::f32::consts::TAU;

use crate::game::brush::{Brush, paint};

const RADIUS: f32 = 90.0;
/// Where the sun stands: degrees clockwise from north, degrees above the horizon.
const SUN: (f32, f32) = (90.0, 20.0);

/// The sky and what stands on the horizon.
pub fn sky() -> Mesh {
    let mut brush = Brush::new();
    dome(&mut brush);
    disc(&mut brush, SUN.0, SUN.1, 7.5, "fff6cf");
    disc(&mut brush, 286.0, 32.0, 4.5, "f4f0ff");
    skyline(&mut brush);
    brush.finish()
}

fn direction(azimuth: f32, elevation: f32) -> Vec3 {
    let (sin, cos) = azimuth.to_radians().sin_cos();
    let (up, flat) = elevation.to_radians().sin_cos();
    Vec3::new(sin * flat, up, -cos * flat)
}

/// The colour of the sky in a direction: four colours around the horizon, one above.
fn color(azimuth: f32, elevation: f32) -> Vec3 {
    let around = ["8fd6e8", "ffc48a", "f7a6b8", "b79cf0"].map(paint);
    let turn = azimuth.rem_euclid(360.0) / 90.0;
    let (from, share) = (turn.floor() as usize % 4, turn.fract());
    let smooth = share * share * (3.0 - 2.0 * share);
    let horizon = around[from].lerp(around[(from + 1) % 4], smooth);
    let zenith = paint("5f9be0");
    let up = (elevation / 62.0).clamp(0.0, 1.0).powf(0.75);
    let sky = horizon.lerp(zenith, up);
    let near_sun = direction(azimuth, elevation).angle_between(direction(SUN.0, SUN.1));
    sky.lerp(paint("ffedb0"), 0.75 * (-(near_sun / 0.36).powi(2)).exp())
}

fn dome(brush: &mut Brush) {
    const AROUND: usize = 48;
    const ELEVATIONS: [f32; 11] = [
        -12.0, 0.0, 6.0, 12.0, 18.0, 24.0, 32.0, 42.0, 54.0, 70.0, 90.0,
    ];
    for pair in ELEVATIONS.windows(2) {
        let &[low, high] = pair else { continue };
        for i in 0..AROUND {
            let azimuth = |i: usize| i as f32 / AROUND as f32 * 360.0;
            let (a, b) = (azimuth(i), azimuth(i + 1));
            let corners = [(a, low), (b, low), (b, high), (a, high)];
            brush.quad(
                corners.map(|(azimuth, up)| direction(azimuth, up) * RADIUS),
                corners.map(|(azimuth, up)| color(azimuth, up.max(0.0))),
                0.0,
            );
        }
    }
}

/// A flat disc in the sky, facing the arena.
fn disc(brush: &mut Brush, azimuth: f32, elevation: f32, radius: f32, hex: &str) {
    let at = direction(azimuth, elevation) * (RADIUS - 10.0);
    let place = Transform::from_translation(at).looking_to(at, Vec3::Y);
    brush.at(place).polygon(radius, 36, paint(hex), 0.0);
}

/// Mountains in the north, hills and a windmill's tower in the east, palaces in the south, table
/// mountains in the west.
fn skyline(brush: &mut Brush) {
    let mut cone = |azimuth: f32, away: f32, rings: &[(f32, f32, &str)], sides: usize| {
        let at = direction(azimuth, 0.0) * away - Vec3::Y * 2.0;
        let turn = Quat::from_rotation_y(TAU / 8.0 - azimuth.to_radians());
        let rings: Vec<_> = rings
            .iter()
            .map(|&(h, r, hex)| (h, r, paint(hex)))
            .collect();
        brush
            .at(Transform::from_translation(at).with_rotation(turn))
            .turned(&rings, sides, 0.0);
    };
    let mountain = |h: f32, r: f32| {
        [
            (0.0, r, "6fa9c9"),
            (h * 0.62, r * 0.38, "8cc0da"),
            (h * 0.62, r * 0.38, "f6fbff"),
            (h, 0.0, "ffffff"),
        ]
    };
    cone(-14.0, 62.0, &mountain(25.0, 20.0), 5);
    cone(16.0, 66.0, &mountain(19.0, 19.0), 5);
    cone(44.0, 70.0, &mountain(13.0, 18.0), 5);
    let hill = |h: f32, r: f32| {
        [
            (0.0, r, "e59a6a"),
            (h * 0.6, r * 0.8, "eda877"),
            (h * 0.9, r * 0.45, "f3b684"),
            (h, 0.0, "f6bf8e"),
        ]
    };
    cone(74.0, 66.0, &hill(9.0, 22.0), 20);
    cone(112.0, 66.0, &hill(12.0, 20.0), 20);
    let tower = |h: f32, r: f32| {
        [
            (0.0, r, "c7688f"),
            (h * 0.7, r, "d77c9f"),
            (h * 0.7, r * 1.5, "8d3f78"),
            (h, 0.0, "a8528a"),
        ]
    };
    cone(163.0, 60.0, &tower(27.0, 4.0), 12);
    cone(178.0, 60.0, &tower(20.0, 5.0), 12);
    cone(194.0, 60.0, &tower(30.0, 3.6), 12);
    let mesa = |h: f32, r: f32| {
        [
            (0.0, r * 1.25, "7a62b8"),
            (h, r, "927bcd"),
            (h, 0.0, "a892dc"),
        ]
    };
    cone(250.0, 64.0, &mesa(18.0, 10.0), 6);
    cone(272.0, 68.0, &mesa(12.0, 16.0), 6);
    cone(300.0, 66.0, &mesa(15.0, 8.0), 6);
}
