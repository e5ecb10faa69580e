#![doc = include_str!("../README.md")]

mod build;
mod condition;
mod context;
pub mod cpu;
mod error;
mod pass;
mod plan;
mod print;
mod rollout;
mod rope;
mod weights;

pub use condition::Conditioner;
pub use context::Context;
pub use error::{PlanError, Result};
pub use pass::{
    Activation, Assemble, Combine, Linear, Modulation, Norm, Pass, PassKind, Residual, Rotation,
    SpatialAttention, Target, TemporalAttention, Term, Weights3,
};
pub use plan::{Buffer, BufferId, Image, MAX_STEPS, Plan, Stage, State, Table, TableId};
pub use print::PassCost;
pub use rollout::{Lowering, Rollout, StepInput};
pub use weights::WeightsFile;
