//! The way from one place to another: through the openings, around what stands in the middle.

use std::collections::VecDeque;

use bevy::math::Vec2;

use crate::game::collide::PLAYER_RADIUS;
use crate::game::layout::{GATES, Gate, LAMP_RADIUS, LAMPS, PILLARS, Room};
use crate::game::sim::{ArenaState, passable};

/// The two rooms beside an opening.
fn sides(gate: &Gate) -> [Option<Room>; 2] {
    let across = if gate.along_x { Vec2::Y } else { Vec2::X };
    [-0.5, 0.5].map(|side| Room::at(gate.at + across * side))
}

/// Where to head now, on the way from `at` to `to`.
pub(super) fn next(at: Vec2, to: Vec2) -> Vec2 {
    let aim = match (Room::at(at), Room::at(to)) {
        (Some(here), Some(there)) if here != there => {
            first_gate(here, there, at).map_or(to, |gate| through(gate, at))
        }
        _ => to,
    };
    around(at, aim)
}

/// The first opening on the shortest way, in rooms, from `here` to `there`.
fn first_gate(here: Room, there: Room, at: Vec2) -> Option<&'static Gate> {
    let mut queue = VecDeque::from([(here, None)]);
    let mut seen = vec![here];
    while let Some((room, first)) = queue.pop_front() {
        if room == there {
            return first;
        }
        let mut gates: Vec<_> = GATES.iter().collect();
        let near = |g: &&Gate| g.at.distance_squared(at);
        gates.sort_by(|a, b| near(a).total_cmp(&near(b)));
        for gate in gates {
            let [Some(a), Some(b)] = sides(gate) else {
                continue;
            };
            let beyond = match room {
                _ if room == a => b,
                _ if room == b => a,
                _ => continue,
            };
            if !seen.contains(&beyond) {
                seen.push(beyond);
                queue.push_back((beyond, first.or(Some(gate))));
            }
        }
    }
    None
}

/// A point before the opening while far off its line, one behind it when in front of it.
fn through(gate: &Gate, at: Vec2) -> Vec2 {
    let (across, along) = if gate.along_x {
        (Vec2::Y, Vec2::X)
    } else {
        (Vec2::X, Vec2::Y)
    };
    let off = at - gate.at;
    let side = if off.dot(across) > 0.0 { 1.0 } else { -1.0 };
    if off.dot(along).abs() < 0.45 {
        gate.at - across * side * 1.2
    } else {
        gate.at + across * side * 0.9
    }
}

/// Steers past a pillar that stands in the way.
fn around(at: Vec2, aim: Vec2) -> Vec2 {
    let way = aim - at;
    let length = way.length();
    let ahead = way.normalize_or_zero();
    let round = PILLARS.iter().map(|p| (p.at, p.radius));
    let round = round.chain(LAMPS.iter().map(|l| (l.at, LAMP_RADIUS)));
    // Whoever heads for a thing need not pass it.
    let passed = round.filter(|(middle, _)| middle.distance(aim) > 0.6);
    let blocking = passed.filter_map(|(middle, radius)| {
        let to = middle - at;
        let along = to.dot(ahead);
        let aside = to.perp_dot(ahead);
        let room = radius + PLAYER_RADIUS + 0.15;
        let hit = along > 0.0 && along < length.min(3.0) && aside.abs() < room;
        hit.then_some((along, aside, middle, room))
    });
    match blocking.min_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((_, aside, middle, room)) => {
            // It lies on this side of the way: pass on the other.
            let lies = Vec2::new(ahead.y, -ahead.x) * aside.signum();
            middle - lies * (room + 0.2)
        }
        None => aim,
    }
}

/// The closed door that lies in front of a player who heads for `step`.
pub(super) fn closed_door_before(state: &ArenaState, step: Vec2) -> Option<usize> {
    let open: Vec<usize> = passable(state).collect();
    GATES.iter().enumerate().find_map(|(i, gate)| {
        let door = gate.door?;
        let near = gate.at.distance(state.player.at) < 2.2;
        let beyond = (step.x - gate.at.x).signum() != (state.player.at.x - gate.at.x).signum();
        (near && beyond && !open.contains(&i)).then_some(door)
    })
}
