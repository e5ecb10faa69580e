//! Who gets how much of a frame of the scene.

use std::collections::HashMap;

use bevy::prelude::Entity;

/// Milliseconds a pass before anything was measured.
const FIRST_GUESS_MS: f64 = 0.05;
/// What a pass is taken to cost at least.
const LEAST_MS: f64 = 1e-4;
/// Share of the newest measurement in an average.
const SHARE: f64 = 0.3;
/// How much more is tried after a slice that fitted.
const GROWTH: f64 = 1.25;
/// Slices from one that was too long to the next try of more.
const WARY: u32 = 256;
/// The same where nothing more was tried: then it is rather the clock that is not to be trusted.
const PUZZLED: u32 = 64;
/// Slices of a frame, at most: where the scene's own frames take now so long and now so, no slice is
/// short enough, and a world must not stand still.
const MOST_SLICES: usize = 32;

/// What a world has to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::play) struct Demand {
    /// Passes that wait.
    pub passes: usize,
    /// Passes of the whole frame.
    pub of: usize,
    /// Milliseconds that a frame of the scene may take longer for them.
    pub budget_ms: f64,
}

/// A world's passes in a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub world: Entity,
    pub passes: usize,
}

/// What is known of the scene and of the worlds' passes.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Milliseconds of a frame without passes, with its wait for the display.
    scene_ms: f64,
    costs: HashMap<Entity, Cost>,
    /// Turns so far.
    turns: u64,
}

/// What a world's passes cost.
#[derive(Debug)]
struct Cost {
    /// Milliseconds that a pass makes a frame of the scene longer, as far as that was seen: what fits into
    /// the wait for the display is not.
    pass_ms: f64,
    /// The same of the last slice, if that was too long. One alone may be anybody's fault.
    too_long: Option<f64>,
    /// Slices until more is tried.
    wary: u32,
    /// The last turn that was its own.
    turn: u64,
}

impl Room {
    /// Forgets other worlds.
    pub fn retain(&mut self, worlds: impl Fn(Entity) -> bool) {
        self.costs.retain(|world, _| worlds(*world));
    }

    /// Milliseconds that a frame may take longer: the largest budget, or half of what the scene takes by
    /// itself, so that a slow device is not left to a slow scene. Half of a display's period is too
    /// little for a picture to come a period late.
    pub fn limit_ms(&self, demands: &[(Entity, Demand)]) -> f64 {
        let waiting = demands.iter().filter(|(_, demand)| demand.passes > 0);
        let budgets = waiting.map(|(_, demand)| demand.budget_ms);
        budgets.fold(self.scene_ms / 2.0, f64::max)
    }

    /// Passes of each world for a frame that may take `limit_ms` longer: all that wait, or as many of one
    /// world as fit, of each in its turn. What one of its passes costs is seen then.
    pub fn share(&mut self, demands: &[(Entity, Demand)], limit_ms: f64) -> Vec<usize> {
        let wanted = demands
            .iter()
            .map(|(world, demand)| demand.passes as f64 * self.pass_ms(*world));
        if wanted.sum::<f64>() <= limit_ms {
            return demands.iter().map(|(_, demand)| demand.passes).collect();
        }
        // Whose last turn was the longest ago, of those that wait now.
        let waiting = demands.iter().enumerate();
        let waiting = waiting.filter(|(_, (_, demand))| demand.passes > 0);
        let turn = |world| self.costs.get(world).map_or(0, |cost| cost.turn);
        let next = waiting.min_by_key(|(_, (world, _))| turn(world));
        let mut shares = vec![0; demands.len()];
        if let Some((i, &(world, demand))) = next {
            self.turns += 1;
            self.costs.entry(world).or_default().turn = self.turns;
            let fit = (limit_ms / self.pass_ms(world)) as usize;
            let least = demand.of.div_ceil(MOST_SLICES).max(1);
            shares[i] = fit.max(least).min(demand.passes);
        }
        shares
    }

    /// A frame without passes took so long.
    pub fn learn_scene(&mut self, took_ms: f64) {
        self.scene_ms += match self.scene_ms {
            0.0 => took_ms,
            // Not all of a hitch.
            known => SHARE * (took_ms.min(2.0 * known) - known),
        };
    }

    /// A frame with these passes, which might have taken `limit_ms` longer than one without, took so long.
    pub fn learn_slice(&mut self, parts: &[Part], limit_ms: f64, took_ms: f64) {
        if took_ms < self.scene_ms {
            // It would not have taken longer without them.
            self.learn_scene(took_ms);
        }
        let longer_ms = (took_ms - self.scene_ms).max(0.0);
        let scale = longer_ms / self.expected_ms(parts);
        for part in parts {
            let cost = self.costs.entry(part.world).or_default();
            if longer_ms > limit_ms {
                cost.was_too_long(scale * cost.pass_ms);
            } else {
                cost.has_fitted();
            }
        }
    }

    /// These passes took so long, by the device's own clock.
    pub fn learn_passes(&mut self, parts: &[Part], took_ms: f64) {
        let scale = took_ms / self.expected_ms(parts);
        for part in parts {
            let cost = self.costs.entry(part.world).or_default();
            cost.pass_ms = (cost.pass_ms * (1.0 + SHARE * (scale - 1.0))).max(LEAST_MS);
        }
    }

    fn expected_ms(&self, parts: &[Part]) -> f64 {
        let costs = parts
            .iter()
            .map(|part| part.passes as f64 * self.pass_ms(part.world));
        costs.sum()
    }

    fn pass_ms(&self, world: Entity) -> f64 {
        self.costs
            .get(&world)
            .map_or(FIRST_GUESS_MS, |cost| cost.pass_ms)
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            pass_ms: FIRST_GUESS_MS,
            too_long: None,
            wary: 0,
            turn: 0,
        }
    }
}

impl Cost {
    /// A slice was too long, with so much for each pass.
    fn was_too_long(&mut self, found_ms: f64) {
        if let Some(before) = self.too_long.replace(found_ms) {
            self.pass_ms = before.min(found_ms);
            self.wary = if self.wary == 0 { WARY } else { PUZZLED };
        }
    }

    /// A slice had room, how much is hard to tell.
    fn has_fitted(&mut self) {
        self.too_long = None;
        self.wary = self.wary.saturating_sub(1);
        if self.wary == 0 {
            self.pass_ms = (self.pass_ms / GROWTH).max(LEAST_MS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: Entity = Entity::PLACEHOLDER;

    fn passes(room: &mut Room) -> usize {
        let demand = Demand {
            passes: 1000,
            of: 1000,
            budget_ms: 8.0,
        };
        let demands = [(WORLD, demand)];
        room.share(&demands, room.limit_ms(&demands))[0]
    }

    #[test]
    fn one_slice_that_was_too_long_is_nobodys_fault_and_two_are() {
        let mut room = Room::default();
        room.learn_scene(10.0);
        let slice = [Part {
            world: WORLD,
            passes: passes(&mut room),
        }];
        assert_eq!(slice[0].passes, 160);
        room.learn_slice(&slice, 8.0, 300.0);
        room.learn_slice(&slice, 8.0, 12.0);
        room.learn_slice(&slice, 8.0, 300.0);
        assert!(passes(&mut room) >= 160);
        // 320 ms too long for 160 passes: four would be right, but a frame has 32 slices at most.
        room.learn_slice(&slice, 8.0, 330.0);
        assert_eq!(passes(&mut room), 32);
    }

    #[test]
    fn a_scene_whose_frames_take_now_so_long_and_now_so_does_not_starve_its_world() {
        let mut room = Room::default();
        let mut played = 0;
        for frame in 0..2_000 {
            // Two of three frames late, whatever they carry, as a browser draws in software.
            let late = if frame % 3 == 0 { 0.0 } else { 60.0 };
            room.learn_scene(40.0);
            let slice = [Part {
                world: WORLD,
                passes: passes(&mut room),
            }];
            room.learn_slice(&slice, 20.0, 40.0 + late);
            played += slice[0].passes;
        }
        assert!(played >= 60 * 1000, "{played} passes of a frame's 1000");
    }

    #[test]
    fn of_worlds_that_come_and_go_each_has_its_turn() {
        let mut room = Room::default();
        let world = |i: u32| Entity::from_raw_u32(i).unwrap_or(WORLD);
        let mut turns = [0; 5];
        for frame in 0..400_u32 {
            // The first waits always, the others six frames of ten. An index that moves on in the list of those
            // that wait now starves one of them.
            let waits = |i: &u32| *i == 0 || (frame + i) % 10 < 6;
            let demand = Demand {
                passes: 1000,
                of: 1000,
                budget_ms: 8.0,
            };
            let waiting: Vec<_> = (0..5).filter(waits).collect();
            let demands: Vec<_> = waiting.iter().map(|&i| (world(i), demand)).collect();
            let shares = room.share(&demands, 8.0);
            let served = shares.iter().position(|&share| share > 0).unwrap();
            turns[waiting[served] as usize] += 1;
        }
        assert!(turns.iter().all(|&turns| turns > 70), "{turns:?}");
    }

    #[test]
    fn a_hitch_of_the_scene_leaves_little_behind() {
        let mut room = Room::default();
        for _ in 0..10 {
            room.learn_scene(10.0);
        }
        room.learn_scene(500.0);
        assert!(room.scene_ms <= 13.0, "{}", room.scene_ms);
        // Nor does one that it begins with.
        let mut room = Room::default();
        room.learn_scene(500.0);
        let slice = [Part {
            world: WORLD,
            passes: 100,
        }];
        for _ in 0..20 {
            room.learn_slice(&slice, 8.0, 18.0);
        }
        assert!(room.scene_ms <= 20.0, "{}", room.scene_ms);
    }
}
