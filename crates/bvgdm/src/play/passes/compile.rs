//! Weights and pipelines on the device: made once for each world, away from the scene's thread.

use std::collections::HashMap;
use std::sync::Arc;

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use bvgdm_gpu::{GpuWorld, LoweringKind, Precision};
use bvgdm_plan::Plan;

use crate::play::WorldAsset;

type Made = Result<GpuWorld, String>;

/// Worlds on the device, and those that are on their way.
#[derive(Resource, Default)]
pub(in crate::play) struct CompiledWorlds {
    worlds: HashMap<(AssetId<WorldAsset>, LoweringKind), Entry>,
}

enum Entry {
    Making(Arc<Plan>, Task<Made>),
    Made(Arc<Plan>, Made),
}

impl CompiledWorlds {
    /// The world on the device, once it is there; asks for it the first time.
    pub fn get(
        &mut self,
        asset: AssetId<WorldAsset>,
        kind: LoweringKind,
        plan: &Arc<Plan>,
        device: (wgpu::Device, wgpu::Queue),
    ) -> Option<Made> {
        let entry = self
            .worlds
            .entry((asset, kind))
            .or_insert_with(|| make(kind, plan, device.clone()));
        let (Entry::Making(of, _) | Entry::Made(of, _)) = &*entry;
        if !Arc::ptr_eq(of, plan) {
            // The asset was loaded anew.
            *entry = make(kind, plan, device);
        }
        if let Entry::Making(plan, task) = entry {
            let made = block_on(poll_once(task))?;
            *entry = Entry::Made(plan.clone(), made);
        }
        match entry {
            Entry::Made(_, made) => Some(made.clone()),
            Entry::Making(..) => None,
        }
    }

    /// Forgets worlds that nobody has loaded any more, and with them their memory on the device.
    pub fn retain(&mut self, known: impl Fn(AssetId<WorldAsset>) -> bool) {
        self.worlds.retain(|(asset, _), _| known(*asset));
    }
}

fn make(
    kind: LoweringKind,
    plan: &Arc<Plan>,
    (device, queue): (wgpu::Device, wgpu::Queue),
) -> Entry {
    let of = plan.clone();
    let plan = plan.clone();
    let task = AsyncComputeTaskPool::get().spawn(async move {
        // What the device refuses must end this world, not the app.
        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = GpuWorld::new(kind, plan, &device, &queue, Precision::Half);
        let (validation, memory) = (validation.pop(), memory.pop());
        let refused = validation.await.or(memory.await);
        match (made, refused) {
            (Ok(world), None) => Ok(world),
            (Err(error), _) => Err(error.to_string()),
            (_, Some(error)) => Err(error.to_string()),
        }
    });
    Entry::Making(of, task)
}
