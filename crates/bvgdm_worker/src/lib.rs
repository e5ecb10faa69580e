#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;
pub mod message;
mod player;
mod session;

pub use error::WorkerError;
pub use message::{Left, Start, WorkerReport, WorkerRequest, WorkerTimings};
pub use player::{Drawn, Player, check_weights};
pub use session::{Answer, Clock, Session};
