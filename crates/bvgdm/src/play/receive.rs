//! From an engine's answers to images and messages.

use bevy::diagnostic::Diagnostics;
use bevy::prelude::*;

use super::present::{Screens, Shown};
use super::stats::{FRAME_MS, Tally, WorldStats};
use super::world::{
    FrameGenerated, NeuralWorld, Running, WorldFailed, WorldReady, WorldStatus, fail,
};
use crate::engine::EngineReport;

/// What is said about the answers.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct Said<'w> {
    ready: MessageWriter<'w, WorldReady>,
    frames: MessageWriter<'w, FrameGenerated>,
    failures: MessageWriter<'w, WorldFailed>,
}

pub(super) fn receive_frames(
    mut commands: Commands,
    mut screens: Screens,
    mut said: Said,
    mut tally: ResMut<Tally>,
    mut diagnostics: Diagnostics,
    mut worlds: Query<(
        Entity,
        &NeuralWorld,
        &mut WorldStatus,
        &mut WorldStats,
        &mut Running,
    )>,
) {
    for (entity, world, mut status, mut stats, mut running) in &mut worlds {
        let report = match running.engine.try_receive() {
            None => continue,
            Some(EngineReport::Failed { reason }) => Err(reason),
            Some(report) => {
                running.in_flight = false;
                if running.begin.is_some() {
                    // Of a roll-out that the game has already left.
                    continue;
                }
                screens.shown(&world.target, report)
            }
        };
        let Shown {
            index,
            action,
            frame,
            timings,
        } = match report {
            Ok(shown) => shown,
            Err(reason) => {
                let failures = &mut said.failures;
                fail(&mut commands, failures, entity, &mut status, reason);
                continue;
            }
        };
        if !running.ready {
            running.ready = true;
            if *status == WorldStatus::Loading {
                *status = WorldStatus::Playing;
            }
            said.ready.write(WorldReady {
                world: entity,
                manifest: running.manifest.clone(),
            });
        }
        // A first frame is decoded but not generated.
        if index > 0 {
            stats.generated += 1;
            stats.timings = timings;
            tally.generated += 1;
            diagnostics.add_measurement(&FRAME_MS, || timings.total_ms());
        }
        said.frames.write(FrameGenerated {
            world: entity,
            index,
            action,
            frame,
            timings,
        });
    }
}
