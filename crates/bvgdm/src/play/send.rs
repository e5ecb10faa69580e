//! Asks the engines for the frames that are due.

use bevy::prelude::*;

use super::input::WorldInput;
use super::pace::advance;
use super::passes::DEFAULT_BUDGET_MS;
use super::stats::{Tally, WorldStats};
use super::world::{NeuralWorld, Running, WorldFailed, WorldStatus, fail};
use crate::engine::EngineRequest;

pub(super) fn send_steps(
    time: Res<Time>,
    virtual_time: Option<Res<Time<Virtual>>>,
    mut commands: Commands,
    mut failures: MessageWriter<WorldFailed>,
    mut tally: ResMut<Tally>,
    mut worlds: Query<(
        Entity,
        &NeuralWorld,
        &mut WorldStatus,
        &mut WorldInput,
        &mut WorldStats,
        &mut Running,
    )>,
) {
    let stands = virtual_time.is_some_and(|time| time.is_paused());
    for (entity, world, mut status, mut input, mut stats, mut running) in &mut worlds {
        let plays = *status == WorldStatus::Playing && !stands;
        let budget_ms = world.settings.budget_ms.unwrap_or(DEFAULT_BUDGET_MS);
        running.engine.set_budget(budget_ms);
        let dt = time.delta_secs_f64();
        let unheard = input.is_untouched() && !running.manifest.schema.is_empty();
        let request = match next_request(world, plays, &mut input, &mut running, dt) {
            Ok((request, dropped)) => {
                stats.dropped += dropped;
                tally.dropped += dropped;
                request
            }
            Err(reason) => {
                fail(&mut commands, &mut failures, entity, &mut status, reason);
                continue;
            }
        };
        let Some(request) = request else { continue };
        if unheard && matches!(request, EngineRequest::Step { .. }) {
            warn_once!(
                "neural world {entity}: nothing plays it; add WorldActionsPlugin::<A>, and an InputMap<A> beside \
                 its NeuralWorld, or fill its WorldInput"
            );
        }
        match running.engine.send(request) {
            Ok(()) => running.in_flight = true,
            Err(error) => {
                let reason = error.to_string();
                fail(&mut commands, &mut failures, entity, &mut status, reason);
            }
        }
    }
}

/// What to ask for now, if anything, and how many frames were dropped.
fn next_request(
    world: &NeuralWorld,
    plays: bool,
    input: &mut WorldInput,
    running: &mut Running,
    dt: f64,
) -> Result<(Option<EngineRequest>, u64), String> {
    if !running.in_flight
        && let Some(begin) = running.begin.take()
    {
        running.beginning = Some(begin.start.clone());
        return Ok((Some(EngineRequest::Begin(begin)), 0));
    }
    if !plays {
        // What a menu was told is nothing for the world.
        input.clear();
        return Ok((None, 0));
    }
    let manifest = &running.manifest;
    let period = world
        .settings
        .period(manifest)
        .map_err(|error| error.to_string())?;
    let sampler = world
        .settings
        .sampler(manifest)
        .map_err(|error| error.to_string())?;
    let (due, dropped) = advance(&mut running.since_due, dt, period, running.in_flight);
    let request = due.then(|| EngineRequest::Step {
        action: input.take(&running.manifest.schema),
        sampler,
    });
    Ok((request, dropped))
}
