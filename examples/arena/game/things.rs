//! Lamps and doors: what can be used.

use bevy::prelude::*;

use crate::game::brush::{Brush, paint};
use crate::game::layout::{DOORS, LAMPS};
use crate::game::material::Paint;
use crate::game::plugin::Arena;
use crate::game::sim::DOOR_TICKS;

/// How high a door is.
const DOOR_HEIGHT: f32 = 2.05;

/// The ball of a lamp.
#[derive(Component)]
pub(crate) struct LampBall {
    index: usize,
    paints: [Handle<Paint>; 2],
}

/// The light on the floor around a lamp that shines.
#[derive(Component)]
pub(crate) struct LampGlow(usize);

/// The leaf of a door.
#[derive(Component)]
pub(crate) struct DoorLeaf(usize);

pub(crate) fn spawn_things(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut paints: ResMut<Assets<Paint>>,
) {
    let plain = paints.add(Paint::new(LinearRgba::WHITE));
    let dark = paints.add(Paint::new(LinearRgba::rgb(0.12, 0.14, 0.26)));
    let bright = paints.add(Paint::new(LinearRgba::rgb(1.7, 1.35, 0.45)));
    let mut ball = Brush::new();
    ball.ball(0.36, Vec3::ONE);
    let ball = meshes.add(ball.finish());
    let mut glow = Brush::new();
    let flat = Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2);
    glow.at(Transform::from_rotation(flat))
        .polygon(1.25, 32, paint("ffe9a0"), 1.0);
    let glow = meshes.add(glow.finish());
    for (index, lamp) in LAMPS.iter().enumerate() {
        let paints = [dark.clone(), bright.clone()];
        commands.spawn((
            LampBall { index, paints },
            Mesh3d(ball.clone()),
            MeshMaterial3d(dark.clone()),
            Transform::from_xyz(lamp.at.x, 1.6, lamp.at.y),
        ));
        commands.spawn((
            LampGlow(index),
            Mesh3d(glow.clone()),
            MeshMaterial3d(plain.clone()),
            Transform::from_xyz(lamp.at.x, 0.015, lamp.at.y),
        ));
    }
    for (index, (door, hex)) in DOORS.iter().zip(["a5305f", "1f7a80"]).enumerate() {
        commands.spawn((
            DoorLeaf(index),
            Mesh3d(meshes.add(leaf(door.half, hex))),
            MeshMaterial3d(plain.clone()),
            Transform::from_xyz(door.at.x, 0.0, door.at.y),
        ));
    }
}

/// A door's leaf with a round sign on both sides.
fn leaf(half: Vec2, hex: &str) -> Mesh {
    let color = paint(hex);
    let mut brush = Brush::new();
    brush.block(half, DOOR_HEIGHT, |_| color);
    for side in [-1.0, 1.0] {
        let place = Transform::from_xyz(side * (half.x + 0.02), 1.15, 0.0)
            .with_rotation(Quat::from_rotation_y(side * std::f32::consts::FRAC_PI_2));
        brush.at(place).polygon(0.45, 24, paint("ffe3b8"), 1.0);
    }
    brush.finish()
}

pub(crate) fn show_lamps(
    arena: Res<Arena>,
    mut balls: Query<(&LampBall, &mut MeshMaterial3d<Paint>)>,
    mut glows: Query<(&LampGlow, &mut Visibility)>,
) {
    let shines = |i: usize| arena.state.lamps.get(i).copied().unwrap_or(false);
    for (lamp, mut paint) in &mut balls {
        let [dark, bright] = &lamp.paints;
        let wanted = if shines(lamp.index) { bright } else { dark };
        if paint.0 != *wanted {
            paint.0 = wanted.clone();
        }
    }
    for (glow, mut visibility) in &mut glows {
        visibility.set_if_neq(match shines(glow.0) {
            true => Visibility::Inherited,
            false => Visibility::Hidden,
        });
    }
}

pub(crate) fn show_doors(arena: Res<Arena>, mut leaves: Query<(&DoorLeaf, &mut Transform)>) {
    for (leaf, mut place) in &mut leaves {
        let Some(door) = arena.state.doors.get(leaf.0) else {
            continue;
        };
        let open = f32::from(door.travel) / f32::from(DOOR_TICKS);
        place.translation.y = -open * (DOOR_HEIGHT + 0.05);
    }
}
