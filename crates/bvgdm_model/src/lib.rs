#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

pub mod dit;
mod error;
pub mod import;
pub mod layers;
mod level;
mod sampler;
pub mod vae;
mod weights;
mod world;

pub use dit::{Dit, DitInput, DitOutput, FrameKv, Sight};
pub use error::{ModelError, Result};
pub use level::TensorLevel;
pub use sampler::{NaiveRollout, PlaySettings, Rollout};
pub use vae::{Posterior, Vae};
pub use weights::{TensorFile, TensorStream, TensorWriter, WeightsDtype, shapes};
pub use world::World;
