//! A plan on a device, as either kind of shaders.

use std::sync::Arc;

use bvgdm_plan::{Plan, Stage};

use crate::compute::{ComputePasses, ComputeWorld};
use crate::constants::Tuning;
use crate::error::Result;
use crate::fragment::{FragmentPasses, FragmentWorld};
use crate::gpu::Gpu;
use crate::lowering::GpuLowering;
use crate::script::Script;

/// Which kind of shaders run a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoweringKind {
    /// Compute shaders.
    Compute,
    /// Fragment shaders over float textures.
    Fragment,
}

/// A plan on a device: weights and pipelines, shared by all roll-outs. Clones are the same one.
#[derive(Clone)]
pub struct GpuWorld(Kind);

#[derive(Clone)]
enum Kind {
    Compute(Arc<ComputeWorld>),
    Fragment(Arc<FragmentWorld>),
}

impl LoweringKind {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compute => "compute passes",
            Self::Fragment => "fragment passes",
        }
    }
}

impl GpuWorld {
    /// Uploads the weights and makes the pipelines.
    ///
    /// A [`Precision`](crate::Precision) alone is that of the weights.
    ///
    /// # Errors
    /// When the device is too small for the plan; nothing has been allocated then.
    pub fn new(
        kind: LoweringKind,
        plan: Arc<Plan>,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        tuning: impl Into<Tuning>,
    ) -> Result<Self> {
        let tuning = tuning.into();
        let gpu = Gpu {
            plan,
            device: device.clone(),
            queue: queue.clone(),
        };
        Ok(Self(match kind {
            LoweringKind::Compute => Kind::Compute(Arc::new(ComputeWorld::new(gpu, tuning)?)),
            LoweringKind::Fragment => Kind::Fragment(Arc::new(FragmentWorld::new(gpu, tuning)?)),
        }))
    }

    /// Which kind it is.
    pub fn kind(&self) -> LoweringKind {
        match self.0 {
            Kind::Compute(_) => LoweringKind::Compute,
            Kind::Fragment(_) => LoweringKind::Fragment,
        }
    }

    /// What it is made of.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.gpu().plan
    }

    /// Where it is. Nothing of it can be used with another device.
    pub fn device(&self) -> &wgpu::Device {
        &self.gpu().device
    }

    /// Different pipelines.
    pub fn pipeline_count(&self) -> usize {
        match &self.0 {
            Kind::Compute(world) => world.pipeline_count(),
            Kind::Fragment(world) => world.pipeline_count(),
        }
    }

    /// Dispatches, or triangles, of a stage.
    pub fn draw_count(&self, stage: Stage) -> usize {
        match &self.0 {
            Kind::Compute(_) => self.plan().passes(stage).len(),
            Kind::Fragment(world) => world.draw_count(stage),
        }
    }

    /// Zeroed buffers for a roll-out.
    pub fn lowering(&self) -> GpuLowering {
        let script = Script::new(self.device());
        match &self.0 {
            Kind::Compute(world) => {
                let passes = ComputePasses::new(world.clone(), &script);
                GpuLowering::new(Box::new(passes), script)
            }
            Kind::Fragment(world) => {
                let passes = FragmentPasses::new(world.clone(), &script);
                GpuLowering::new(Box::new(passes), script)
            }
        }
    }

    fn gpu(&self) -> &Gpu {
        match &self.0 {
            Kind::Compute(world) => &world.gpu,
            Kind::Fragment(world) => &world.gpu,
        }
    }
}
