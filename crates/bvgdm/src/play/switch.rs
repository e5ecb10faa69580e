//! From one engine to another while a world plays: the roll-out goes on, and so does the picture.

use bevy::prelude::*;

use super::starter::{Started, Starter};
use super::world::{ActiveEngine, NeuralWorld, Running, WorldFailed, WorldStatus, fail};
use crate::engine::{Begin, EngineRequest, Start};

/// How far a change of engines is.
#[derive(Debug, Clone)]
pub(super) enum Switch {
    /// The next engine is being made ready; the old one plays.
    Wanted,
    /// The old one was asked where it stands.
    Asked,
    /// It has said so.
    Left(Start),
    /// The new one shows the last picture again.
    Arriving,
}

impl Switch {
    /// Whether the next report is the new engine's first.
    pub fn has_arrived(&self) -> bool {
        matches!(self, Self::Arriving)
    }

    /// What is left of it once the roll-out has begun anew.
    pub fn again(self) -> Option<Self> {
        (!self.has_arrived()).then_some(Self::Wanted)
    }
}

/// Brings worlds whose settings ask for another engine to it.
pub(super) fn switch_engines(
    mut commands: Commands,
    mut starter: Starter,
    mut failures: MessageWriter<WorldFailed>,
    mut worlds: Query<(
        Entity,
        &NeuralWorld,
        &mut WorldStatus,
        &mut ActiveEngine,
        &mut Running,
    )>,
) {
    for (entity, world, mut status, mut active, mut running) in &mut worlds {
        let change = running.wanted != world.settings.engine;
        if !change && running.switch.is_none() {
            continue;
        }
        let outcome = advance(&mut starter, world, &mut active, &mut running);
        match outcome {
            Ok(true) => active.log(entity),
            Ok(false) => {}
            Err(reason) => fail(&mut commands, &mut failures, entity, &mut status, reason),
        }
    }
}

/// One step further, if it can be taken now; whether another engine has taken over.
fn advance(
    starter: &mut Starter,
    world: &NeuralWorld,
    active: &mut ActiveEngine,
    running: &mut Running,
) -> Result<bool, String> {
    let Some(asset) = starter.asset(world) else {
        return Ok(false);
    };
    match running.switch.take() {
        None | Some(Switch::Wanted) => {
            running.switch = Some(Switch::Wanted);
            let Some(next) = starter.preview(&asset, world) else {
                return Ok(false);
            };
            if next.name == active.name {
                // The one that plays is the one that is wanted.
                running.wanted = world.settings.engine;
                running.switch = None;
                *active = next;
            } else if !running.in_flight && running.begin.is_none() {
                let asked = running.engine.send(EngineRequest::Leave);
                asked.map_err(|error| error.to_string())?;
                running.in_flight = true;
                running.switch = Some(Switch::Asked);
            }
            Ok(false)
        }
        Some(Switch::Left(start)) => {
            let begin = Begin {
                seed: world.settings.seed,
                start: start.clone(),
            };
            let Some(started) = starter.start(&asset, world, begin, None)? else {
                // Changed once more, to one that is not ready: until it is, the old one plays on from where
                // it stands, which it is asked for again.
                running.switch = Some(Switch::Wanted);
                return Ok(false);
            };
            let Started {
                engine,
                active: name,
            } = started;
            running.engine = engine;
            running.wanted = world.settings.engine;
            running.in_flight = true;
            running.beginning = Some(start);
            running.switch = Some(Switch::Arriving);
            *active = name;
            Ok(true)
        }
        waiting => {
            running.switch = waiting;
            Ok(false)
        }
    }
}
