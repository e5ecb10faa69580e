//! From an engine's answers to images and messages.

use bevy::diagnostic::Diagnostics;
use bevy::prelude::*;

use super::engine::Engine;
use super::input::WorldInput;
use super::present::{Screens, Shown};
use super::stats::{FRAME_MS, Tally, WorldStats};
use super::switch::Switch;
use super::world::{
    FrameGenerated, Held, NeuralWorld, NextStart, Refused, Running, WorldFailed, WorldReady,
    WorldReseeded, WorldStatus, fail,
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
            EngineReport::Refused { reason } => {
                let shown = running.ready;
                let refused = Some(Refused { reason, shown });
                let next = NextStart {
                    refused,
                    ..running.next_start(None)
                };
                commands.entity(entity).remove::<Running>().insert(next);
                *status = WorldStatus::Loading;
                continue;
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
        if *status == WorldStatus::Loading {
            *status = match held.0 {
                true => WorldStatus::Paused,
                false => WorldStatus::Playing,
            };
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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant};

    use bevy::asset::AssetPlugin;
    use bevy::image::Image;

    use super::super::asset::WorldAsset;
    use super::super::engine::GpuEngine;
    use super::super::passes::{Demand, DeviceMark, Slice};
    use super::super::world::ActiveEngine;
    use super::*;
    use crate::BvgdmPlugin;
    use crate::engine::{EngineError, EngineRequest};

    /// An engine on a card that is full.
    #[derive(Debug)]
    struct Full(Mutex<Option<EngineReport>>);

    impl GpuEngine for Full {
        fn device(&self) -> &DeviceMark {
            unreachable!("there is no device")
        }

        fn send(&self, _request: EngineRequest) -> Result<(), EngineError> {
            Err(EngineError::Ended)
        }

        fn try_receive(&self) -> Option<EngineReport> {
            self.0.lock().unwrap().take()
        }

        fn last_seen(&self) -> Option<Start> {
            None
        }

        fn seen(&self) -> Option<u64> {
            None
        }

        fn set_budget(&self, _budget_ms: f64) {}

        fn demand(&self, _encoder: &mut wgpu::CommandEncoder) -> Option<Demand> {
            None
        }

        fn work(
            &self,
            _slice: &mut Slice<'_>,
            _passes: usize,
            _texture: &wgpu::Texture,
            _view: &wgpu::TextureView,
        ) -> usize {
            0
        }
    }

    #[derive(Resource, Default)]
    struct Told {
        ready: usize,
        frames: Vec<u64>,
        failed: usize,
    }

    fn note(
        mut told: ResMut<Told>,
        mut ready: MessageReader<WorldReady>,
        mut frames: MessageReader<FrameGenerated>,
        mut failed: MessageReader<WorldFailed>,
    ) {
        told.ready += ready.read().count();
        told.frames.extend(frames.read().map(|frame| frame.index));
        told.failed += failed.read().count();
    }

    /// What is told of a world that changes to a full card, and its engine once a frame follows.
    fn play_on_a_full_card(ready: bool) -> (Told, ActiveEngine) {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, AssetPlugin::default(), BvgdmPlugin))
            .init_asset::<Image>()
            .init_resource::<Told>()
            .add_systems(Update, note);
        let shipped =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/worlds/arena.world.ron");
        let asset = WorldAsset::read(&shipped).unwrap();
        let (manifest, latent) = (
            asset.manifest().clone(),
            asset.networks().plan().unwrap().latent_len(),
        );
        let asset = app
            .world_mut()
            .resource_mut::<Assets<WorldAsset>>()
            .add(asset);
        let image = Image::default();
        let target = app.world_mut().resource_mut::<Assets<Image>>().add(image);
        let world = NeuralWorld {
            asset,
            target,
            ..default()
        };
        let reason = "the GPU refused: no room".to_owned();
        let full = Full(Mutex::new(Some(EngineReport::Refused { reason })));
        let running = Running {
            engine: Engine::Gpu(Arc::new(full)),
            wanted: world.settings.engine,
            asset: world.asset.id(),
            manifest,
            in_flight: true,
            begin: None,
            beginning: Some(Start::Latent(vec![0.0; latent].into())),
            ready,
            since_due: 0.0,
            diverged: 0,
            switch: ready.then_some(Switch::Arriving),
        };
        let status = match ready {
            true => WorldStatus::Playing,
            false => WorldStatus::Loading,
        };
        let world = app.world_mut().spawn((world, status, running)).id();
        let begun = Instant::now();
        while app.world().resource::<Told>().frames.last() < Some(&1) {
            assert!(begun.elapsed() < Duration::from_secs(60), "no frame comes");
            app.update();
        }
        let active = app.world().get::<ActiveEngine>(world).unwrap().clone();
        let told = app.world_mut().remove_resource::<Told>().unwrap();
        (told, active)
    }

    #[test]
    fn a_world_that_a_full_card_refuses_goes_on_on_the_processor_and_nothing_is_told_twice() {
        let (told, active) = play_on_a_full_card(true);
        assert_eq!((told.ready, told.failed), (0, 0));
        assert_eq!(told.frames[0], 1, "the game has had the one it began with");
        assert!(!active.on_gpu);
        assert_eq!(active.reason.as_deref(), Some("the GPU refused: no room"));
    }

    #[test]
    fn a_world_that_a_full_card_refuses_at_first_begins_on_the_processor() {
        let (told, active) = play_on_a_full_card(false);
        assert_eq!((told.ready, told.failed, told.frames[0]), (1, 0, 0));
        assert_eq!(active.reason.as_deref(), Some("the GPU refused: no room"));
    }
}
