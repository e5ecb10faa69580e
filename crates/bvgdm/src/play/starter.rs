//! Which engine a world gets, and its first request.

use std::sync::Arc;

use bevy::asset::LoadState;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bvgdm_gpu::GpuWorld;

use super::asset::WorldAsset;
use super::burn::{self, BurnDevices};
use super::engine::Engine;
use super::passes::{Choice, CompiledWorlds, Device, DeviceMark, Parts, PassesEngine, choose};
use super::world::{ActiveEngine, NeuralWorld};
use crate::engine::{Begin, CpuEngine, Start};

/// What starting an engine takes.
#[derive(SystemParam)]
pub(super) struct Starter<'w> {
    assets: Res<'w, Assets<WorldAsset>>,
    server: Res<'w, AssetServer>,
    device: Device<'w>,
    compiled: ResMut<'w, CompiledWorlds>,
    burn: Res<'w, BurnDevices>,
}

/// An engine that was asked to begin.
pub(super) struct Started {
    pub engine: Engine,
    pub active: ActiveEngine,
}

/// What could play a world now.
enum Candidate {
    Cpu,
    Passes(DeviceMark, GpuWorld),
    Burn(Parts),
}

impl Starter<'_> {
    /// The world's asset, if it is loaded.
    pub fn asset(&self, world: &NeuralWorld) -> Option<WorldAsset> {
        self.assets.get(&world.asset).cloned()
    }

    pub fn load_state(&self, world: &NeuralWorld) -> LoadState {
        self.server.load_state(&world.asset)
    }

    /// Frees what was compiled of assets, and for devices, that are gone.
    pub fn forget_unused(&mut self) {
        let assets = &self.assets;
        self.compiled.retain(|asset| assets.contains(asset));
        if let Some(parts) = self.device.get() {
            self.compiled.keep_device(&parts.mark);
        }
    }

    /// What the world's engine would be called, and why it is that one; nothing while it is being
    /// made ready.
    pub fn preview(&mut self, asset: &WorldAsset, world: &NeuralWorld) -> Option<ActiveEngine> {
        let (candidate, reason) = self.candidate(asset, world)?;
        Some(candidate.name(asset, reason))
    }

    /// An engine that begins where `begin` says, or nothing while it is being made ready. On the processor, if
    /// the GPU has refused the world for this reason.
    ///
    /// # Errors
    /// When a setting is out of range, or the system gives no thread.
    pub fn start(
        &mut self,
        asset: &WorldAsset,
        world: &NeuralWorld,
        begin: Begin,
        refused: Option<String>,
    ) -> Result<Option<Started>, String> {
        let manifest = asset.manifest();
        let sampler = world.settings.sampler(manifest);
        sampler
            .and(world.settings.period(manifest))
            .map_err(|error| error.to_string())?;
        let candidate = match refused {
            Some(reason) => Some((Candidate::Cpu, Some(reason))),
            None => self.candidate(asset, world),
        };
        let Some((candidate, reason)) = candidate else {
            return Ok(None);
        };
        let mut active = candidate.name(asset, reason);
        let engine = match candidate {
            Candidate::Passes(device, gpu) => {
                let schema = manifest.schema.clone();
                Engine::Gpu(Arc::new(PassesEngine::new(device, gpu, schema, begin)))
            }
            Candidate::Burn(parts) => {
                let begin_modules = Begin {
                    start: for_modules(asset, begin.start.clone()),
                    ..begin
                };
                match burn::start(&self.burn, &parts, asset, begin_modules) {
                    Ok(engine) => Engine::Gpu(engine),
                    Err(error) => {
                        active = Candidate::Cpu.name(asset, Some(error));
                        on_processor(asset, begin)?
                    }
                }
            }
            Candidate::Cpu => on_processor(asset, begin)?,
        };
        Ok(Some(Started { engine, active }))
    }

    /// The engine that is chosen for this world, or the next one that it can have.
    fn candidate(
        &mut self,
        asset: &WorldAsset,
        world: &NeuralWorld,
    ) -> Option<(Candidate, Option<String>)> {
        let parts = self.device.get();
        let (choice, reason) = choose(world.settings.engine, parts.as_ref());
        let (kind, parts) = match (choice, parts) {
            (Choice::Burn, Some(parts)) => return Some((Candidate::Burn(parts), reason)),
            (Choice::Passes(kind), Some(parts)) => (kind, parts),
            _ => return Some((Candidate::Cpu, reason)),
        };
        let plan = match asset.networks().plan() {
            Ok(plan) => plan,
            Err(error) => return Some((Candidate::Cpu, Some(error))),
        };
        let mut reasons = Vec::from_iter(reason);
        for kind in parts.lowerings(kind) {
            match self.compiled.get(world.asset.id(), kind, plan, &parts)? {
                Ok(gpu) => {
                    let candidate = Candidate::Passes(parts.mark, gpu);
                    return Some((candidate, in_a_line(&reasons)));
                }
                Err(error) => reasons.push(error),
            }
        }
        Some((Candidate::Cpu, in_a_line(&reasons)))
    }
}

fn in_a_line(reasons: &[String]) -> Option<String> {
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

fn on_processor(asset: &WorldAsset, begin: Begin) -> Result<Engine, String> {
    let schema = asset.manifest().schema.clone();
    let engine = CpuEngine::start(asset.networks().clone(), schema, begin);
    Ok(Engine::Cpu(engine.map_err(|error| error.to_string())?))
}

/// Where burn modules go on from `start`: of a plan's context they take the newest latent.
fn for_modules(asset: &WorldAsset, start: Start) -> Start {
    let Start::Context(context) = start else {
        return start;
    };
    let latent = asset.networks().plan().ok();
    let latent = latent.and_then(|plan| context.latent(plan).ok());
    latent.map_or(Start::OfSeed, |latent| Start::Latent(latent.into()))
}

impl Candidate {
    fn name(&self, asset: &WorldAsset, reason: Option<String>) -> ActiveEngine {
        let (name, on_gpu) = match self {
            Self::Cpu => (asset.networks().cpu_engine(), false),
            Self::Passes(_, gpu) => (gpu.kind().name(), true),
            Self::Burn(_) => ("burn modules on the GPU", true),
        };
        ActiveEngine {
            name: name.to_owned(),
            reason,
            on_gpu,
        }
    }
}

impl ActiveEngine {
    /// Says which engine it is.
    pub(super) fn log(&self, world: Entity) {
        let why = self.reason.as_deref();
        let since = if why.is_some() { ", since " } else { "" };
        let why = why.unwrap_or_default();
        info!("neural world {world}: {}{since}{why}", self.name);
    }
}
