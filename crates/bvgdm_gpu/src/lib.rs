#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod compute;
mod constants;
mod error;
mod fragment;
mod present;
mod script;
mod shaders;
mod spec;

pub use compute::{ComputeLowering, ComputeWorld};
pub use constants::Precision;
pub use error::{GpuError, Result};
pub use fragment::{FragmentLowering, FragmentWorld};
pub use present::Presenter;
pub use shaders::{SHADERS, Shader};
