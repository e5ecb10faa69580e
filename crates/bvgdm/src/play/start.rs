//! From a loaded asset to a world that plays.

use bevy::asset::{AssetLoadError, AssetLoadFailedEvent, LoadState};
use bevy::prelude::*;

use super::asset::WorldAsset;
use super::engine::Engine;
use super::passes::Device;
use super::starter::{Started, Starter};
use super::switch::Switch;
use super::world::{
    ActiveEngine, NeuralWorld, NextStart, Reloading, Running, WorldFailed, WorldReseeded,
    WorldStatus, fail,
};
use crate::engine::{Begin, Start};

/// A world that was given another asset, or whose asset was loaded anew, starts again.
pub(super) fn follow_assets(
    mut commands: Commands,
    mut events: MessageReader<AssetEvent<WorldAsset>>,
    mut failed: MessageReader<AssetLoadFailedEvent<WorldAsset>>,
    mut failures: MessageWriter<WorldFailed>,
    mut worlds: Query<(
        Entity,
        &NeuralWorld,
        &mut WorldStatus,
        Option<&Running>,
        Option<&NextStart>,
    )>,
) {
    // One that was added is new to a world that failed for want of it; a world that plays has it.
    let (mut added, mut modified) = (Vec::new(), Vec::new());
    for event in events.read() {
        match event {
            AssetEvent::Added { id } => added.push(*id),
            AssetEvent::Modified { id } => modified.push(*id),
            _ => {}
        }
    }
    for (entity, world, mut status, running, next) in &mut worlds {
        let id = world.asset.id();
        let renewed = modified.contains(&id);
        // Where other weights stood is no place of these.
        let of_weights =
            |next: &NextStart| matches!(next.start, Start::Context(_) | Start::Latent(_));
        if renewed && next.is_some_and(of_weights) {
            commands.entity(entity).remove::<NextStart>();
        }
        let stale = match running {
            Some(running) => running.asset != id || renewed,
            None => matches!(*status, WorldStatus::Failed(_)) && (renewed || added.contains(&id)),
        };
        if stale {
            commands
                .entity(entity)
                .remove::<(Running, NextStart, Reloading)>();
            *status = WorldStatus::Loading;
        }
    }
    // Read once more, and in vain.
    for event in failed.read() {
        for (entity, world, mut status, running, _) in &mut worlds {
            let waits = running.is_none() && *status == WorldStatus::Loading;
            if waits && world.asset.id() == event.id {
                let reason = reason(&event.error);
                fail(&mut commands, &mut failures, entity, &mut status, reason);
            }
        }
    }
}

/// A world whose device was lost goes on with the next one, from where the processor has seen it last; or
/// begins where the game has asked it to meanwhile.
pub(super) fn follow_devices(
    mut commands: Commands,
    device: Device,
    mut reseeded: MessageWriter<WorldReseeded>,
    mut worlds: Query<(Entity, &mut WorldStatus, &Running)>,
) {
    let Some(parts) = device.get() else {
        return;
    };
    for (world, mut status, running) in &mut worlds {
        let seen = match &running.engine {
            Engine::Gpu(engine) if *engine.device() != parts.mark => engine.last_seen(),
            _ => continue,
        };
        let reason = "the GPU was lost".to_owned();
        warn!("neural world {world}: {reason}; it goes on with the next one");
        commands
            .entity(world)
            .remove::<Running>()
            .insert(running.next_start(seen));
        *status = WorldStatus::Loading;
        reseeded.write(WorldReseeded { world, reason });
    }
}

/// Gives every world whose asset is there an engine.
pub(super) fn start_engines(
    mut commands: Commands,
    mut starter: Starter,
    mut failures: MessageWriter<WorldFailed>,
    mut worlds: Query<
        (
            Entity,
            &NeuralWorld,
            &mut WorldStatus,
            &mut ActiveEngine,
            Option<&NextStart>,
            Has<Reloading>,
        ),
        Without<Running>,
    >,
) {
    for (entity, world, mut status, mut active, next, reloading) in &mut worlds {
        if *status != WorldStatus::Loading {
            continue;
        }
        let outcome = match starter.asset(world) {
            Some(asset) => {
                let next = next.filter(|next| next.asset == world.asset.id());
                let start = next.map_or(Start::OfSeed, |next| next.start.clone());
                let refused = next.and_then(|next| next.refused.clone());
                let shown = refused.as_ref().is_some_and(|refused| refused.shown);
                let begin = Begin {
                    seed: world.settings.seed,
                    start: start.clone(),
                };
                let manifest = asset.manifest().clone();
                let refused = refused.map(|refused| refused.reason);
                starter
                    .start(&asset, world, begin, refused)
                    .map(|started| started.map(|started| (manifest, start, shown, started)))
            }
            None => match starter.load_state(world) {
                LoadState::Failed(error) if !reloading => Err(reason(&error)),
                _ => {
                    if world.asset == Handle::default() {
                        warn_once!("neural world {entity}: NeuralWorld::asset names no world yet");
                    }
                    Ok(None)
                }
            },
        };
        match outcome {
            Ok(Some((
                manifest,
                start,
                shown,
                Started {
                    engine,
                    active: name,
                },
            ))) => {
                name.log(entity);
                *active = name;
                commands
                    .entity(entity)
                    .remove::<(NextStart, Reloading)>()
                    .insert(Running {
                        engine,
                        wanted: world.settings.engine,
                        asset: world.asset.id(),
                        manifest,
                        in_flight: true,
                        begin: None,
                        beginning: Some(start),
                        ready: shown,
                        since_due: 0.0,
                        diverged: 0,
                        switch: shown.then_some(Switch::Arriving),
                    });
            }
            Ok(None) => {}
            Err(reason) => fail(&mut commands, &mut failures, entity, &mut status, reason),
        }
    }
    starter.forget_unused();
}

/// The loader's own words, without what Bevy puts around them.
fn reason(error: &AssetLoadError) -> String {
    match error {
        AssetLoadError::AssetLoaderError(error) => error
            .error()
            .downcast_ref::<super::asset::WorldAssetError>()
            .map_or_else(|| error.to_string(), ToString::to_string),
        other => other.to_string(),
    }
}
