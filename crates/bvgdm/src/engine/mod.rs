//! What runs a world. Nothing in here knows of Bevy: a scene, a test and a command-line tool drive
//! the same engine with the same messages.

mod cpu;
mod error;
mod message;
mod networks;
mod picture;
mod player;

pub use cpu::CpuEngine;
pub use error::EngineError;
pub use message::{Begin, EngineReport, EngineRequest, GeneratedFrame, Start, Timings};
pub use networks::{Networks, NetworksError};
pub(crate) use picture::fit;
pub use player::Player;
