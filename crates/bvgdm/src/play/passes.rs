//! The engine on the GPU: a world's passes on Bevy's own device, in Bevy's own frames.

mod choose;
mod compile;
mod engine;
mod node;
mod pace;

pub(super) use choose::{Choice, Device, choose};
pub(super) use compile::CompiledWorlds;
pub(super) use engine::{DEFAULT_BUDGET_MS, PassesEngine};
pub(super) use node::add_render_systems;
