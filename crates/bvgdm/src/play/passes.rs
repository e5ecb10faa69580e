//! The engine on the GPU: a world's passes on Bevy's own device, in Bevy's own frames.

mod choose;
mod compile;
mod engine;
mod errors;
mod guard;
mod look;
mod node;
pub(super) mod pace;
mod probe;
mod run;
mod stamps;
mod watch;

pub use choose::SoftwareGpu;
pub(super) use choose::{Choice, Device, DeviceMark, Parts, choose};
pub(super) use compile::CompiledWorlds;
pub(super) use engine::PassesEngine;
pub(super) use errors::{handle_render_errors, note_render_settings};
pub(super) use node::add_render_systems;
pub(super) use pace::Demand;
pub(super) use run::{DEFAULT_BUDGET_MS, Slice};
