#![doc = include_str!("../README.md")]

mod ceilings;
mod compute;
mod constants;
mod error;
mod fragment;
mod gpu;
mod lowering;
mod offsets;
mod present;
mod readback;
mod script;
mod shaders;
mod spec;
mod world;

pub use ceilings::Ceilings;
pub use constants::{Precision, Threads, Tuning};
pub use error::{GpuError, Result};
pub use lowering::GpuLowering;
pub use present::Presenter;
pub use readback::{Readback, read_mapped};
pub use shaders::{SHADERS, Shader};
pub use world::{GpuWorld, LoweringKind};
