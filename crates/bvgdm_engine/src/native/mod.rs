//! On a computer: a thread of its own.

mod cpu;
mod networks;
mod player;

pub use cpu::CpuEngine;
pub use networks::{Networks, NetworksError};
#[cfg(feature = "burn-wgpu")]
pub(crate) use player::ModuleRollout;
pub use player::Player;
