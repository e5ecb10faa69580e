//! What the player sees of themself: a wand on the right, a hand on the left.

use bevy::prelude::*;

use crate::game::brush::{Brush, paint};
use crate::game::material::Paint;
use crate::game::plugin::Arena;
use crate::game::sim::REACH_TICKS;

/// How far the wand has swung, by the ticks that the swing still takes.
const SWING: [f32; 7] = [0.0, 0.18, 0.45, 0.75, 1.0, 0.95, 0.6];

/// A part of the player, drawn in front of the camera.
#[derive(Component)]
pub(crate) enum Part {
    /// The staff and the hand that holds it.
    Wand,
    /// The orb at its tip.
    Orb {
        /// Its paint at rest and while swinging.
        paints: [Handle<Paint>; 2],
    },
    /// The other hand.
    Hand,
}

pub(crate) fn spawn_hands(
    commands: &mut Commands,
    camera: Entity,
    add: &mut impl FnMut(Brush) -> Handle<Mesh>,
    paints: &mut Assets<Paint>,
) {
    let plain = paints.add(Paint::new(LinearRgba::WHITE));
    let glow = paints.add(Paint::new(LinearRgba::rgb(1.9, 1.7, 0.9)));
    let orb = paints.add(Paint::new(LinearRgba::rgb(0.35, 0.85, 1.15)));
    let mut spawn = |part: Part, brush: Brush, paint: &Handle<Paint>| {
        let shape = (Mesh3d(add(brush)), MeshMaterial3d(paint.clone()));
        let place = (Transform::default(), Visibility::default(), ChildOf(camera));
        commands.spawn((part, shape, place)).id()
    };
    spawn(Part::Wand, wand(), &plain);
    let mut ball = Brush::new();
    ball.ball(0.036, Vec3::ONE);
    let paints = [orb.clone(), glow];
    spawn(Part::Orb { paints }, ball, &orb);
    spawn(Part::Hand, hand(), &plain);
}

/// Upright, the grip at the origin.
fn wand() -> Brush {
    let (wood, collar, skin, sleeve) = (
        paint("7a4a3a"),
        paint("f2b63c"),
        paint("f3bfa0"),
        paint("4a5fb0"),
    );
    let mut brush = Brush::new();
    let mut part = |up: f32, rings: &[(f32, f32, Vec3)]| {
        brush
            .at(Transform::from_xyz(0.0, up, 0.0))
            .turned(rings, 12, 0.0);
    };
    part(0.0, &[(-0.08, 0.014, wood), (0.15, 0.010, wood)]);
    part(
        0.145,
        &[
            (0.0, 0.012, collar),
            (0.02, 0.024, collar),
            (0.03, 0.0, collar),
        ],
    );
    part(
        -0.03,
        &[
            (-0.16, 0.062, sleeve),
            (-0.02, 0.046, sleeve),
            (-0.02, 0.0, sleeve),
        ],
    );
    brush
        .at(Transform::from_xyz(0.0, 0.0, 0.012))
        .ball(0.036, skin);
    brush
}

/// Fingers up, the wrist below the origin.
fn hand() -> Brush {
    let (skin, sleeve) = (paint("f3bfa0"), paint("4a5fb0"));
    let mut brush = Brush::new();
    brush
        .turned(
            &[
                (-0.24, 0.075, sleeve),
                (-0.05, 0.045, sleeve),
                (-0.05, 0.0, sleeve),
            ],
            12,
            0.0,
        )
        .at(Transform::from_scale(Vec3::new(0.9, 1.35, 0.7)))
        .ball(0.042, skin);
    brush
}

pub(crate) fn show_hands(
    arena: Res<Arena>,
    mut parts: Query<(&Part, &mut Transform, &mut MeshMaterial3d<Paint>)>,
) {
    let player = &arena.state.player;
    let swung = SWING.get(usize::from(player.swing)).copied().unwrap_or(0.0);
    let reached = f32::from(player.reach) / f32::from(REACH_TICKS);
    let turn = Quat::from_euler(EulerRot::ZXY, 0.12 + 0.95 * swung, -0.35 - 0.5 * swung, 0.0);
    let grip = Vec3::new(0.185, -0.175, -0.30).lerp(Vec3::new(0.13, -0.12, -0.33), swung);
    for (part, mut place, mut paint) in &mut parts {
        *place = match part {
            Part::Wand => Transform::from_translation(grip).with_rotation(turn),
            Part::Orb { paints } => {
                let [rest, glow] = paints;
                let wanted = if player.swing > 0 { glow } else { rest };
                if paint.0 != *wanted {
                    paint.0 = wanted.clone();
                }
                let tip = grip + turn * Vec3::Y * 0.19;
                Transform::from_translation(tip).with_scale(Vec3::splat(1.0 + 0.7 * swung))
            }
            Part::Hand => {
                let (low, high) = (
                    Vec3::new(-0.17, -0.26, -0.30),
                    Vec3::new(-0.09, -0.09, -0.33),
                );
                Transform::from_translation(low.lerp(high, reached))
                    .with_rotation(Quat::from_rotation_z(-0.25))
            }
        };
    }
}
