//! From a loaded asset to an engine.

use bevy::asset::{AssetLoadError, LoadState};
use bevy::prelude::*;

use super::asset::WorldAsset;
use super::world::{NeuralWorld, Running, WorldFailed, WorldStatus, fail};
use crate::engine::{Begin, CpuEngine, Start};

/// A world that was given another asset, or whose asset was loaded anew, starts again.
pub(super) fn follow_assets(
    mut commands: Commands,
    mut events: MessageReader<AssetEvent<WorldAsset>>,
    mut worlds: Query<(Entity, &NeuralWorld, &mut WorldStatus, Option<&Running>)>,
) {
    let changed = |event: &AssetEvent<WorldAsset>| match event {
        AssetEvent::Added { id } | AssetEvent::Modified { id } => Some(*id),
        _ => None,
    };
    let fresh: Vec<_> = events.read().filter_map(changed).collect();
    for (entity, world, mut status, running) in &mut worlds {
        let id = world.asset.id();
        let stale = match running {
            Some(running) => running.asset != id || fresh.contains(&id),
            None => matches!(*status, WorldStatus::Failed(_)) && fresh.contains(&id),
        };
        if stale {
            commands.entity(entity).remove::<Running>();
            *status = WorldStatus::Loading;
        }
    }
}

/// Gives every world whose asset is there an engine.
pub(super) fn start_engines(
    mut commands: Commands,
    assets: Res<Assets<WorldAsset>>,
    server: Res<AssetServer>,
    mut failures: MessageWriter<WorldFailed>,
    mut worlds: Query<(Entity, &NeuralWorld, &mut WorldStatus), Without<Running>>,
) {
    for (entity, world, mut status) in &mut worlds {
        if *status != WorldStatus::Loading {
            continue;
        }
        let outcome = match assets.get(&world.asset) {
            Some(asset) => start(asset, world).map(Some),
            None => match server.load_state(&world.asset) {
                LoadState::Failed(error) => Err(reason(&error)),
                _ => Ok(None),
            },
        };
        match outcome {
            Ok(Some(running)) => {
                commands.entity(entity).insert(running);
            }
            Ok(None) => {}
            Err(reason) => fail(&mut commands, &mut failures, entity, &mut status, reason),
        }
    }
}

fn start(asset: &WorldAsset, world: &NeuralWorld) -> Result<Running, String> {
    let manifest = asset.manifest();
    let sampler = world.settings.sampler(manifest);
    sampler
        .and(world.settings.period(manifest))
        .map_err(|error| error.to_string())?;
    let begin = Begin {
        seed: world.settings.seed,
        start: Start::OfSeed,
    };
    let engine = CpuEngine::start(asset.world().clone(), manifest.schema.clone(), begin)
        .map_err(|error| error.to_string())?;
    Ok(Running {
        engine,
        asset: world.asset.id(),
        manifest: manifest.clone(),
        in_flight: true,
        begin: None,
        ready: false,
        since_due: 0.0,
    })
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
