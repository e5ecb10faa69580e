//! Weights and pipelines on the device: made once for each world, away from the scene's thread.

use std::collections::HashMap;
use std::sync::Arc;

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision, Threads, Tuning};
use bvgdm_plan::Plan;

use super::choose::{DeviceMark, Parts};
use super::guard::Guard;
use crate::play::WorldAsset;
use crate::play::present::TARGET_FORMAT;

type Made = Result<GpuWorld, String>;

/// Worlds on the device, and those that are on their way.
#[derive(Resource, Default)]
pub(in crate::play) struct CompiledWorlds {
    worlds: HashMap<(AssetId<WorldAsset>, LoweringKind), Entry>,
}

struct Entry {
    plan: Arc<Plan>,
    device: DeviceMark,
    state: State,
}

enum State {
    Making(Task<Made>),
    Made(Made),
}

impl CompiledWorlds {
    /// The world on the device, once it is there; asks for it the first time.
    pub fn get(
        &mut self,
        asset: AssetId<WorldAsset>,
        kind: LoweringKind,
        plan: &Arc<Plan>,
        parts: &Parts,
    ) -> Option<Made> {
        let entry = self
            .worlds
            .entry((asset, kind))
            .or_insert_with(|| make(kind, plan, parts));
        if !Arc::ptr_eq(&entry.plan, plan) || entry.device != parts.mark {
            // The asset was loaded anew, or the device was lost.
            *entry = make(kind, plan, parts);
        }
        if let State::Making(task) = &mut entry.state {
            let made = block_on(poll_once(task))?;
            entry.state = State::Made(made);
        }
        match &entry.state {
            State::Made(made) => Some(made.clone()),
            State::Making(_) => None,
        }
    }

    /// Forgets worlds that nobody has loaded any more, and with them their memory on the device.
    pub fn retain(&mut self, known: impl Fn(AssetId<WorldAsset>) -> bool) {
        self.worlds.retain(|(asset, _), _| known(*asset));
    }

    /// Forgets what is on another device than this, which has been lost.
    pub fn keep_device(&mut self, device: &DeviceMark) {
        self.worlds.retain(|_, entry| entry.device == *device);
    }
}

fn make(kind: LoweringKind, plan: &Arc<Plan>, parts: &Parts) -> Entry {
    let (of, plan) = (plan.clone(), plan.clone());
    let (device, queue) = (parts.device.clone(), parts.queue.clone());
    let tuning = Tuning {
        textures: parts.float_targets().unwrap_or_default(),
        threads: match parts.software {
            true => Threads::Alone,
            false => Threads::Suited,
        },
        picture: TARGET_FORMAT,
        ..Precision::Half.into()
    };
    let task = AsyncComputeTaskPool::get().spawn(async move {
        let guard = Guard::new(&device);
        let made = GpuWorld::new(kind, plan, &device, &queue, tuning);
        let refused = guard.end();
        match (made, refused.await) {
            (Ok(world), None) => Ok(world),
            (Err(error), _) => Err(error.to_string()),
            (_, Some(refused)) => Err(refused),
        }
    });
    Entry {
        plan: of,
        device: parts.mark.clone(),
        state: State::Making(task),
    }
}
