//! Either lowering behind one name.

use std::sync::Arc;

use bvgdm_plan::{BufferId, Lowering, Plan, Stage, StepInput};

use crate::compute::{ComputeLowering, ComputeWorld};
use crate::constants::Precision;
use crate::error::Result;
use crate::fragment::{FragmentLowering, FragmentWorld};
use crate::present::Presenter;
use crate::probe::Probe;

/// Which kind of shaders run a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoweringKind {
    /// Compute shaders.
    Compute,
    /// Fragment shaders over float textures.
    Fragment,
}

/// A plan on a device, shared by all roll-outs. Clones are the same one.
#[derive(Clone)]
pub enum GpuWorld {
    /// As compute shaders.
    Compute(Arc<ComputeWorld>),
    /// As fragment shaders.
    Fragment(Arc<FragmentWorld>),
}

/// One roll-out of a [`GpuWorld`].
pub enum GpuLowering {
    /// On compute shaders.
    Compute(ComputeLowering),
    /// On fragment shaders.
    Fragment(FragmentLowering),
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
    /// # Errors
    /// When the device is too small for the plan; nothing has been allocated then.
    pub fn new(
        kind: LoweringKind,
        plan: Arc<Plan>,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        precision: Precision,
    ) -> Result<Self> {
        Ok(match kind {
            LoweringKind::Compute => {
                Self::Compute(Arc::new(ComputeWorld::new(plan, device, queue, precision)?))
            }
            LoweringKind::Fragment => {
                let world = FragmentWorld::new(plan, device, queue, precision)?;
                Self::Fragment(Arc::new(world))
            }
        })
    }

    /// Which kind it is.
    pub fn kind(&self) -> LoweringKind {
        match self {
            Self::Compute(_) => LoweringKind::Compute,
            Self::Fragment(_) => LoweringKind::Fragment,
        }
    }

    /// What it is made of.
    pub fn plan(&self) -> &Arc<Plan> {
        match self {
            Self::Compute(world) => world.plan(),
            Self::Fragment(world) => world.plan(),
        }
    }

    /// Different pipelines.
    pub fn pipeline_count(&self) -> usize {
        match self {
            Self::Compute(world) => world.pipeline_count(),
            Self::Fragment(world) => world.pipeline_count(),
        }
    }

    /// Zeroed buffers for a roll-out.
    pub fn lowering(&self) -> GpuLowering {
        match self {
            Self::Compute(world) => GpuLowering::Compute(ComputeLowering::new(world.clone())),
            Self::Fragment(world) => GpuLowering::Fragment(FragmentLowering::new(world.clone())),
        }
    }
}

impl GpuLowering {
    /// Encodes the next passes, `count` at most; how many are left.
    pub fn encode(&mut self, encoder: &mut wgpu::CommandEncoder, count: usize) -> usize {
        match self {
            Self::Compute(lowering) => lowering.encode(encoder, count),
            Self::Fragment(lowering) => lowering.encode(encoder, count),
        }
    }

    /// Encodes and submits everything that is left.
    pub fn submit(&mut self) {
        match self {
            Self::Compute(lowering) => lowering.submit(),
            Self::Fragment(lowering) => lowering.submit(),
        }
    }

    /// Forgets what has not been encoded: a new beginning needs nothing of it.
    pub fn clear(&mut self) {
        match self {
            Self::Compute(lowering) => lowering.clear(),
            Self::Fragment(lowering) => lowering.clear(),
        }
    }

    /// Passes that wait to be encoded.
    pub fn pending(&self) -> usize {
        match self {
            Self::Compute(lowering) => lowering.pending(),
            Self::Fragment(lowering) => lowering.pending(),
        }
    }

    /// What draws the picture into textures of this format.
    pub fn presenter(&self, format: wgpu::TextureFormat) -> Presenter {
        match self {
            Self::Compute(lowering) => lowering.presenter(format),
            Self::Fragment(lowering) => lowering.presenter(format),
        }
    }

    /// Encodes a copy of the newest latent for a [`Probe`].
    pub fn probe(&self, encoder: &mut wgpu::CommandEncoder, probe: &Probe) {
        match self {
            Self::Compute(lowering) => {
                let last = lowering.world().plan().state.last;
                probe.copy_buffer(encoder, lowering.buffer(last));
            }
            Self::Fragment(lowering) => {
                let last = lowering.world().plan().state.last;
                probe.copy_texture(encoder, lowering.texture(last));
            }
        }
    }
}

impl Lowering for GpuLowering {
    fn write(&mut self, buffer: BufferId, first_row: usize, values: &[f32]) {
        match self {
            Self::Compute(lowering) => lowering.write(buffer, first_row, values),
            Self::Fragment(lowering) => lowering.write(buffer, first_row, values),
        }
    }

    fn run(&mut self, stage: Stage, input: &StepInput) {
        match self {
            Self::Compute(lowering) => lowering.run(stage, input),
            Self::Fragment(lowering) => lowering.run(stage, input),
        }
    }
}
