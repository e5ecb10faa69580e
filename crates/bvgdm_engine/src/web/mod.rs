//! In a browser: a Web Worker.

mod cpu;
mod networks;
mod supervisor;

pub use cpu::CpuEngine;
pub use networks::{Networks, NetworksError};
