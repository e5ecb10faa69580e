//! On a computer: a thread of its own.

mod cpu;
mod networks;
mod player;

pub use cpu::CpuEngine;
pub use networks::{Networks, NetworksError};
pub use player::Player;
