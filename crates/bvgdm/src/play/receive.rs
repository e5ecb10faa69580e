//! From an engine's answers to images and messages.

use bevy::diagnostic::Diagnostics;
use bevy::prelude::*;

use super::engine::Engine;
use super::input::WorldInput;
use super::present::{Screens, Shown};
use super::stats::{FRAME_MS, Tally, WorldStats};
use super::switch::Switch;
use super::world::{
    FrameGenerated, Held, NeuralWorld, Running, WorldFailed, WorldReady, WorldReseeded,
    WorldStatus, fail,
};
use crate::engine::{Begin, EngineReport, Start};

/// What is said about the answers.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct Said<'w> {
    ready: MessageWriter<'w, WorldReady>,
    frames: MessageWriter<'w, FrameGenerated>,
    failures: MessageWriter<'w, WorldFailed>,
    reseeded: MessageWriter<'w, WorldReseeded>,
}

/// Beginnings in a row that may lead to numbers that are none.
const MAX_DIVERGED: u32 = 3;
/// Frames after which a beginning has gone well.
const GONE_WELL: u64 = 40;

pub(super) fn receive_frames(
    mut commands: Commands,
    mut screens: Screens,
    mut said: Said,
    mut tally: ResMut<Tally>,
    mut diagnostics: Diagnostics,
    mut worlds: Query<(
        Entity,
        &mut NeuralWorld,
        &mut WorldStatus,
        &mut WorldStats,
        &mut WorldInput,
        &Held,
        &mut Running,
    )>,
) {
    for (entity, mut world, mut status, mut stats, mut input, held, mut running) in &mut worlds {
        let vae = &running.manifest.config.vae;
        if let Err(reason) = screens.prepare(&world.target, vae.width, vae.height) {
            let failures = &mut said.failures;
            fail(&mut commands, failures, entity, &mut status, reason);
            continue;
        }
        let Some(report) = running.engine.try_receive() else {
            continue;
        };
        running.in_flight = false;
        let shown = match report {
            EngineReport::Left(start) => {
                running.switch = Some(Switch::Left(start));
                continue;
            }
            EngineReport::Diverged { reason } => {
                // What led to it is of the past.
                input.clear();
                begin_anew(&mut world, &mut running, &reason).map(|()| {
                    warn!("neural world {entity}: {reason}; it begins anew");
                    let world = entity;
                    said.reseeded.write(WorldReseeded { world, reason });
                    None
                })
            }
            EngineReport::Failed { reason } => Err(reason),
            // Of a roll-out that the game has already left.
            _ if running.begin.is_some() => {
                running.switch.take_if(|switch| switch.has_arrived());
                continue;
            }
            EngineReport::Frame(frame) => Ok(Some(screens.show(&world.target, frame))),
            EngineReport::Shown {
                index,
                action,
                timings,
            } => {
                screens.forget_pixels(&world.target);
                let frame = None;
                Ok(Some(Shown {
                    index,
                    action,
                    frame,
                    timings,
                }))
            }
        };
        let shown = match shown {
            Ok(Some(shown)) => shown,
            Ok(None) => continue,
            Err(reason) => {
                let failures = &mut said.failures;
                fail(&mut commands, failures, entity, &mut status, reason);
                continue;
            }
        };
        // The newest frame whose numbers are known to be some.
        let seen = match &running.engine {
            Engine::Cpu(_) => Some(shown.index),
            Engine::Gpu(engine) => engine.seen(),
        };
        if let Some(frame) = seen {
            // On a GPU that is lost, the roll-out goes on from what was seen last, or begins once more.
            running.beginning = None;
            if frame >= GONE_WELL {
                running.diverged = 0;
            }
        }
        if running
            .switch
            .take_if(|switch| switch.has_arrived())
            .is_some()
        {
            // The game has had this frame from the last engine.
            continue;
        }
        let first = !running.ready;
        if first {
            running.ready = true;
            if *status == WorldStatus::Loading {
                *status = match held.0 {
                    true => WorldStatus::Paused,
                    false => WorldStatus::Playing,
                };
            }
            said.ready.write(WorldReady {
                world: entity,
                manifest: running.manifest.clone(),
            });
        }
        if first && shown.index > 0 {
            // It goes on after its GPU was lost, and the game has had this frame.
            continue;
        }
        // A first frame is decoded but not generated.
        if shown.index > 0 {
            stats.generated += 1;
            stats.timings = shown.timings;
            tally.generated += 1;
            diagnostics.add_measurement(&FRAME_MS, || shown.timings.total_ms());
        }
        said.frames.write(FrameGenerated {
            world: entity,
            index: shown.index,
            action: shown.action,
            frame: shown.frame,
            timings: shown.timings,
        });
    }
}

/// With the next seed, unless that has been tried often enough: the reason comes back then.
fn begin_anew(world: &mut NeuralWorld, running: &mut Running, reason: &str) -> Result<(), String> {
    running.diverged += 1;
    if running.diverged > MAX_DIVERGED {
        return Err(reason.to_owned());
    }
    // What was to go over to another engine is not worth it any more.
    running.switch = running.switch.take().and_then(Switch::again);
    // The game may have asked for a beginning of its own by now.
    if running.begin.is_none() {
        world.settings.seed = world.settings.seed.wrapping_add(1);
        running.begin = Some(Begin {
            seed: world.settings.seed,
            start: Start::OfSeed,
        });
    }
    Ok(())
}
