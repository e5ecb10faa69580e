#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod any;
mod compute;
mod constants;
mod error;
mod fragment;
mod offsets;
mod present;
mod probe;
mod script;
mod shaders;
mod spec;

pub use any::{GpuLowering, GpuWorld, LoweringKind};
pub use compute::{ComputeLowering, ComputeWorld};
pub use constants::Precision;
pub use error::{GpuError, Result};
pub use fragment::{FragmentLowering, FragmentWorld};
pub use present::Presenter;
pub use probe::Probe;
pub use shaders::{SHADERS, Shader};
