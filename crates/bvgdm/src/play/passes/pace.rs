//! How many passes a frame of the scene carries, those of all worlds on its device together.

mod room;
#[cfg(test)]
mod simulation;

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use bevy::prelude::{Entity, Resource};
use web_time::Instant;

use super::choose::DeviceMark;
use super::stamps::{Stamped, Stamps};
pub(in crate::play) use room::Demand;
use room::{Part, Room};

/// Frames of the scene alone before the first slice.
const FIRST: u32 = 8;
/// Slices after which the scene is measured by itself, if it was not in between.
const SCENE_EVERY: u32 = 32;
/// Frames that are measured at once, at most.
const UNDER_WAY: usize = 8;

/// Cuts generated frames into slices that the scene has room for: its frames may take longer by a budget
/// than without passes. By the device's clock that is what a slice takes; where commands cannot ask for
/// the time, by the wall clock, and what fits into the scene's wait for the display costs nothing.
#[derive(Resource)]
pub(super) struct Pace {
    device: Option<DeviceMark>,
    stamps: Option<Stamps>,
    room: Room,
    /// Frames in which the scene is to be measured by itself.
    owed: u32,
    /// Slices since it was.
    slices: u32,
    /// Whether the scene is drawn.
    drawn: bool,
    /// Whether the last frame carried no passes.
    alone: bool,
    /// Frames that the GPU has not finished, the oldest first.
    flights: VecDeque<Flight>,
    last_done: Option<Instant>,
    /// The newest frame, until it is submitted.
    encoded: Option<Landing>,
}

/// What is known of a frame of the scene once the GPU is done with it.
#[derive(Debug, Clone, Default)]
pub(in crate::play) struct Landing {
    done: Arc<OnceLock<Instant>>,
    /// What its slice took, by the device's clock.
    stamped: Option<Stamped>,
}

/// A frame of the scene under way.
struct Flight {
    /// None in a frame of the scene alone.
    parts: Vec<Part>,
    limit_ms: f64,
    /// Whether it says how long the scene takes by itself.
    measures: bool,
    sent: Instant,
    landing: Landing,
}

impl Landing {
    /// When the GPU was done, once it is.
    pub fn done(&self) -> Option<Instant> {
        self.done.get().copied()
    }

    /// The same, and what the slice took if the device has said so; nothing while either is to come.
    fn outcome(&self) -> Option<(Instant, Option<f64>)> {
        let stamped = match &self.stamped {
            Some(stamped) => *stamped.get()?,
            None => None,
        };
        Some((self.done()?, stamped))
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            device: None,
            stamps: None,
            room: Room::default(),
            owed: FIRST,
            slices: 0,
            drawn: true,
            alone: false,
            flights: VecDeque::new(),
            last_done: None,
            encoded: None,
        }
    }
}

impl Pace {
    /// A frame of the scene, which is `drawn` or not, begins on this device, with these worlds: learns from those
    /// that are done.
    pub fn begin(
        &mut self,
        mark: &DeviceMark,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        drawn: bool,
        worlds: impl Fn(Entity) -> bool,
    ) {
        if self.device.as_ref() != Some(mark) {
            *self = Self {
                device: Some(mark.clone()),
                stamps: Stamps::new(device, queue),
                ..Self::default()
            };
        }
        self.land();
        self.drawn = drawn;
        self.room.retain(worlds);
    }

    /// Passes of each world for this frame: none while a slice is under way, nor when the scene is to be
    /// measured.
    pub fn share(&mut self, demands: &[(Entity, Demand)]) -> Vec<usize> {
        let busy = self.flights.iter().any(|flight| !flight.parts.is_empty());
        if busy || (self.owed > 0 && self.drawn) {
            return vec![0; demands.len()];
        }
        self.room.share(demands, self.room.limit_ms(demands))
    }

    /// Begins a slice, or a frame of the scene alone.
    pub fn open(&self, encoder: &mut wgpu::CommandEncoder, shares: &[usize]) -> Landing {
        let slice = shares.iter().any(|passes| *passes > 0);
        let stamps = self.stamps.as_ref().filter(|_| slice);
        Landing {
            done: Arc::default(),
            stamped: stamps.map(|stamps| {
                stamps.begin(encoder);
                Stamped::default()
            }),
        }
    }

    /// Ends it.
    pub fn close(&self, encoder: &mut wgpu::CommandEncoder, landing: &Landing) {
        if let (Some(stamps), Some(_)) = (&self.stamps, &landing.stamped) {
            stamps.end(encoder);
        }
    }

    /// This frame carries so many passes of each world.
    pub fn send(
        &mut self,
        demands: &[(Entity, Demand)],
        encoded: &[usize],
        landing: Landing,
        now: Instant,
    ) {
        let parts = demands.iter().zip(encoded);
        let parts: Vec<_> = parts
            .filter(|(_, passes)| **passes > 0)
            .map(|(&(world, _), &passes)| Part { world, passes })
            .collect();
        let alone = parts.is_empty();
        // Behind a slice, what the scene takes is hard to tell from what that has taken. One that is not drawn
        // takes nothing.
        let measures = alone && self.alone && self.drawn;
        self.alone = alone;
        if measures {
            self.owed = self.owed.saturating_sub(1);
            self.slices = 0;
        } else if !alone {
            self.slices += 1;
            self.owed = u32::from(self.slices >= SCENE_EVERY);
        }
        self.encoded = Some(landing.clone());
        if alone && self.flights.len() >= UNDER_WAY {
            return;
        }
        self.flights.push_back(Flight {
            parts,
            limit_ms: self.room.limit_ms(demands),
            measures,
            sent: now,
            landing,
        });
    }

    /// The newest frame was submitted.
    pub fn watch(&mut self, queue: &wgpu::Queue) {
        let Some(Landing { done, stamped }) = self.encoded.take() else {
            return;
        };
        queue.on_submitted_work_done(move || {
            done.get_or_init(Instant::now);
        });
        if let (Some(stamps), Some(stamped)) = (&self.stamps, stamped) {
            stamps.fetch(stamped);
        }
    }

    fn land(&mut self) {
        let outcome = |flight: &Flight| flight.landing.outcome();
        while let Some((done, stamped)) = self.flights.front().and_then(outcome) {
            let Some(flight) = self.flights.pop_front() else {
                return;
            };
            // The device did not begin with it before the one ahead was done.
            let begun = self
                .last_done
                .map_or(flight.sent, |last| last.max(flight.sent));
            let took_ms = done.saturating_duration_since(begun).as_secs_f64() * 1e3;
            self.last_done = Some(done);
            if flight.measures {
                self.room.learn_scene(took_ms);
            } else if !flight.parts.is_empty() {
                match stamped {
                    Some(slice_ms) => self.room.learn_passes(&flight.parts, slice_ms),
                    None => self
                        .room
                        .learn_slice(&flight.parts, flight.limit_ms, took_ms),
                }
            }
        }
    }
}
