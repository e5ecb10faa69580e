//! What the actions do besides walking.

use super::{ArenaState, DOOR_TICKS, PITCH_LIMIT, Player, REACH_TICKS, SWING_TICKS, Usable};
use crate::game::collide::PLAYER_RADIUS;
use crate::game::layout::{DOORS, Door};
use crate::input::{Input, MAX_PITCH, MAX_YAW};

/// Upward velocity of a jump and what a tick takes off it, in metres a tick.
const JUMP: f32 = 0.19;
const GRAVITY: f32 = 0.036;

pub(super) fn look(player: &mut Player, input: &Input) {
    player.yaw = (player.yaw + input.yaw.clamp(-MAX_YAW, MAX_YAW)).rem_euclid(360.0);
    let pitch = player.pitch + input.pitch.clamp(-MAX_PITCH, MAX_PITCH);
    player.pitch = pitch.clamp(-PITCH_LIMIT, PITCH_LIMIT);
}

pub(super) fn jump(player: &mut Player, input: &Input) {
    if input.jump && player.height == 0.0 {
        player.rise = JUMP;
    }
    player.height += player.rise;
    player.rise -= GRAVITY;
    if player.height <= 0.0 {
        player.height = 0.0;
        player.rise = 0.0;
    }
}

pub(super) fn swing(player: &mut Player, input: &Input) {
    player.swing = match (player.swing, input.attack) {
        (0, true) => SWING_TICKS,
        (ticks, _) => ticks.saturating_sub(1),
    };
}

/// The hand must have come down before it switches again, so that holding the key acts once.
pub(super) fn interact(state: &mut ArenaState, input: &Input) {
    if !input.interact {
        state.player.reach = state.player.reach.saturating_sub(1);
        return;
    }
    let rested = state.player.reach == 0;
    state.player.reach = (state.player.reach + 1).min(REACH_TICKS);
    if !rested {
        return;
    }
    match state.usable() {
        Some(Usable::Lamp(i)) => {
            if let Some(lamp) = state.lamps.get_mut(i) {
                *lamp = !*lamp;
            }
        }
        Some(Usable::Door(i)) => {
            let inside = DOORS
                .get(i)
                .is_some_and(|door| in_doorway(&state.player, door));
            if let Some(door) = state.doors.get_mut(i) {
                // A door does not close on somebody who stands in it.
                door.open = !door.open || inside;
            }
        }
        None => {}
    }
}

pub(super) fn move_doors(state: &mut ArenaState) {
    for (door, place) in state.doors.iter_mut().zip(&DOORS) {
        // A closing door waits for whoever stands in it; a closed one opens to nobody.
        let waits = door.travel > 0 && in_doorway(&state.player, place);
        if door.open || waits {
            door.travel = (door.travel + 1).min(DOOR_TICKS);
        } else {
            door.travel = door.travel.saturating_sub(1);
        }
    }
}

/// Whether a door would touch the player.
fn in_doorway(player: &Player, door: &Door) -> bool {
    let off = (player.at - door.at).abs() - door.half;
    off.max_element() < PLAYER_RADIUS + 0.05
}
