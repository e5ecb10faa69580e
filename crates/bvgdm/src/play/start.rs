//! From a loaded asset to an engine.

use bevy::asset::{AssetLoadError, LoadState};
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::asset::WorldAsset;
use super::engine::Engine;
use super::passes::{Choice, CompiledWorlds, Device, PassesEngine, choose};
use super::present::Screens;
use super::world::{ActiveEngine, NeuralWorld, Running, WorldFailed, WorldStatus, fail};
use crate::engine::{Begin, CpuEngine, Start};

/// A world that was given another asset or engine, or whose asset was loaded anew, starts again.
pub(super) fn follow_assets(
    mut commands: Commands,
    mut events: MessageReader<AssetEvent<WorldAsset>>,
    mut worlds: Query<(Entity, &NeuralWorld, &mut WorldStatus, Option<&Running>)>,
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
    for (entity, world, mut status, running) in &mut worlds {
        let id = world.asset.id();
        let renewed = modified.contains(&id);
        let stale = match running {
            Some(running) => {
                let other = running.wanted != world.settings.engine;
                running.asset != id || renewed || other
            }
            None => matches!(*status, WorldStatus::Failed(_)) && (renewed || added.contains(&id)),
        };
        if stale {
            commands.entity(entity).remove::<Running>();
            *status = WorldStatus::Loading;
        }
    }
}

/// What starting an engine takes.
#[derive(SystemParam)]
pub(super) struct Starter<'w> {
    assets: Res<'w, Assets<WorldAsset>>,
    server: Res<'w, AssetServer>,
    device: Device<'w>,
    compiled: ResMut<'w, CompiledWorlds>,
    screens: Screens<'w>,
}

/// Gives every world whose asset is there an engine.
pub(super) fn start_engines(
    mut commands: Commands,
    mut starter: Starter,
    mut failures: MessageWriter<WorldFailed>,
    mut worlds: Query<
        (Entity, &NeuralWorld, &mut WorldStatus, &mut ActiveEngine),
        Without<Running>,
    >,
) {
    for (entity, world, mut status, mut active) in &mut worlds {
        if *status != WorldStatus::Loading {
            continue;
        }
        let asset = starter.assets.get(&world.asset).cloned();
        let outcome = match asset {
            Some(asset) => starter.start(&asset, world),
            None => match starter.server.load_state(&world.asset) {
                LoadState::Failed(error) => Err(reason(&error)),
                _ => Ok(None),
            },
        };
        match outcome {
            Ok(Some((running, engine))) => {
                let why = engine.reason.as_deref();
                info!(
                    "neural world {entity}: {}{}{}",
                    engine.name,
                    if why.is_some() { ", since " } else { "" },
                    why.unwrap_or_default()
                );
                *active = engine;
                commands.entity(entity).insert(running);
            }
            Ok(None) => {}
            Err(reason) => fail(&mut commands, &mut failures, entity, &mut status, reason),
        }
    }
    let Starter {
        assets, compiled, ..
    } = &mut starter;
    compiled.retain(|asset| assets.contains(asset));
}

impl Starter<'_> {
    /// An engine for a world, or nothing while it is being made ready.
    fn start(
        &mut self,
        asset: &WorldAsset,
        world: &NeuralWorld,
    ) -> Result<Option<(Running, ActiveEngine)>, String> {
        let manifest = asset.manifest();
        let sampler = world.settings.sampler(manifest);
        sampler
            .and(world.settings.period(manifest))
            .map_err(|error| error.to_string())?;
        let begin = Begin {
            seed: world.settings.seed,
            start: Start::OfSeed,
        };
        let wanted = world.settings.engine;
        let (choice, mut why) = choose(wanted, &self.device);
        let mut engine = None;
        if let (Choice::Passes(kind), Some(device)) = (choice, self.device.get()) {
            let made = match asset.networks().plan() {
                Ok(plan) => self.compiled.get(world.asset.id(), kind, plan, device),
                Err(reason) => Some(Err(reason)),
            };
            match made {
                None => return Ok(None),
                Some(Ok(gpu)) => {
                    let image = gpu.plan().image;
                    self.screens
                        .prepare(&world.target, image.width, image.height)?;
                    let schema = manifest.schema.clone();
                    let passes = PassesEngine::new(gpu, schema, begin.clone());
                    engine = Some((kind.name().to_owned(), Engine::Passes(passes)));
                }
                // The processor takes over.
                Some(Err(error)) => why = Some(error),
            }
        }
        let (name, engine) = match engine {
            Some(engine) => engine,
            None => {
                let networks = asset.networks().clone();
                let name = networks.cpu_engine().to_owned();
                let engine = CpuEngine::start(networks, manifest.schema.clone(), begin)
                    .map_err(|error| error.to_string())?;
                (name, Engine::Cpu(engine))
            }
        };
        let active = ActiveEngine {
            name,
            reason: why,
            on_gpu: matches!(engine, Engine::Passes(_)),
        };
        let running = Running {
            engine,
            wanted,
            asset: world.asset.id(),
            manifest: manifest.clone(),
            in_flight: true,
            begin: None,
            ready: false,
            since_due: 0.0,
        };
        Ok(Some((running, active)))
    }
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
